//! Every sentence of the app in Chinese and English. One table, so that a missing translation does not compile; each area of the app
//! brings its own part of it (`words!`), and the words of the domain (states, actions, reasons) stand in [`names`]. Knows nothing of
//! signals: a page gets the table of its language. The words of pages that are fetched after the start come with these pages.

mod admin;
mod board;
mod borders;
mod bulletins;
mod catalogue;
mod devices;
mod enrol;
mod export;
mod frame;
mod halfyear;
mod handover;
mod import;
mod indicators;
mod issue;
mod lists;
mod lock;
mod map;
mod me;
mod measures;
mod names;
mod passkeys;
mod patrols;
mod privacy;
mod reasons;
mod report;
mod rights;
mod settlement;
mod stopped;
mod sync;
mod vault;
mod weekly;
mod zones;

use std::fmt::Display;
use std::ops::Deref;
use std::sync::OnceLock;

use leptos::prelude::{document, window};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    Zh,
    En,
}

/// Where the choice is kept; small and needed before the data layer is open.
const KEY: &str = "xiaohao-lang";

impl Lang {
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    pub fn from_code(code: &str) -> Self {
        if code == "en" { Self::En } else { Self::Zh }
    }

    /// Its own name, in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zh => "中文",
            Self::En => "English",
        }
    }

    pub fn texts(self) -> &'static Texts {
        match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        }
    }

    /// Chinese unless the person chose otherwise: the browser's language says little on an office's phone.
    pub fn kept() -> Self {
        let storage = window().local_storage().ok().flatten();
        storage.and_then(|storage| storage.get_item(KEY).ok().flatten()).map_or(Self::Zh, |code| Self::from_code(&code))
    }

    /// Also tells the browser, which chooses fonts and hyphens by it and screen readers their voice.
    pub fn keep(self) {
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item(KEY, self.code());
        }
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", self.code());
        }
    }
}

/// Puts values into the places marked `{}`, in order. English writes `{} issue(s)`: of one, the ending goes.
pub fn fill(template: &str, values: &[&dyn Display]) -> String {
    let mut parts = template.split("{}");
    let mut text = parts.next().unwrap_or_default().to_string();
    for (at, part) in parts.enumerate() {
        let value = values.get(at).map(ToString::to_string).unwrap_or_default();
        text.push_str(&value);
        text.push_str(&part.replace("(s)", if value == "1" { "" } else { "s" }));
    }
    text
}

/// Goes from area to area, each of which adds its words to those before it, and makes one table of them all.
macro_rules! texts {
    ([] $($key:ident: $zh:literal, $en:literal;)*) => {
        pub struct Texts {
            pub lang: Lang,
            $(pub $key: &'static str,)*
        }

        pub static ZH: Texts = Texts { lang: Lang::Zh, $($key: $zh,)* };
        pub static EN: Texts = Texts { lang: Lang::En, $($key: $en,)* };

        #[cfg(test)]
        const PAIRS: &[(&str, &str, &str)] = &[$((stringify!($key), $zh, $en),)*];
    };
    ([$area:ident $($areas:ident)*] $($words:tt)*) => { $area::words! { texts [$($areas)*] $($words)* } };
}

texts! { [frame stopped measures lists report sync bulletins patrols me] }

/// The same for the words of pages that are fetched after the start (`pages/apart`).
macro_rules! later {
    ([] $($key:ident: $zh:literal, $en:literal;)*) => {
        /// Read through [`Texts`], like all others.
        pub struct Later {
            $(pub $key: &'static str,)*
        }

        static LATER: [Later; 2] = [Later { $($key: $zh,)* }, Later { $($key: $en,)* }];
        static NOT_YET: Later = Later { $($key: "",)* };

        #[cfg(test)]
        const LATER_PAIRS: &[(&str, &str, &str)] = &[$((stringify!($key), $zh, $en),)*];
    };
    ([$area:ident $($areas:ident)*] $($words:tt)*) => { $area::words! { later [$($areas)*] $($words)* } };
}

later! {
    [
        privacy issue handover weekly board indicators settlement export map import borders admin zones lock vault
        rights devices catalogue halfyear enrol passkeys
    ]
}

static HERE: OnceLock<&'static [Later; 2]> = OnceLock::new();

/// Called by each part that is fetched, and by nothing that a phone starts with: else the words would be there, too.
pub fn bring_later() {
    let _ = HERE.set(&LATER);
}

impl Deref for Texts {
    type Target = Later;

    #[inline(never)]
    fn deref(&self) -> &Later {
        // Outside a browser nothing is fetched.
        #[cfg(not(target_arch = "wasm32"))]
        bring_later();
        HERE.get().map_or(&NOT_YET, |[zh, en]| if self.lang == Lang::Zh { zh } else { en })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_leave_the_same_places_open() {
        for (key, zh, en) in PAIRS.iter().chain(LATER_PAIRS) {
            assert_eq!(zh.matches("{}").count(), en.matches("{}").count(), "{key}");
            assert!(!zh.is_empty() && !en.is_empty(), "{key}");
        }
    }

    #[test]
    fn what_a_phone_starts_with_needs_no_word_that_is_fetched_later() {
        let files = [
            include_str!("app.rs"),
            include_str!("components/card.rs"),
            include_str!("components/dialog.rs"),
            include_str!("components/fields.rs"),
            include_str!("components/filter_bar.rs"),
            include_str!("components/list.rs"),
            include_str!("components/marks.rs"),
            include_str!("components/toast.rs"),
            include_str!("curtain.rs"),
            include_str!("format.rs"),
            include_str!("pages.rs"),
            include_str!("pages/apart.rs"),
            include_str!("pages/newcomers.rs"),
            include_str!("pages/work.rs"),
            include_str!("pages/work/patrol.rs"),
            include_str!("pages/work/bulletins.rs"),
        ];
        for (key, ..) in LATER_PAIRS {
            let begins = format!("t.{key}");
            let is_word = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || "_(".contains(next));
            let used = |file: &&str| file.split(&begins).skip(1).any(is_word);
            assert!(!files.iter().any(used), "{key}");
        }
    }

    #[test]
    fn places_are_filled_in_order() {
        assert_eq!(fill("{} of {}", &[&1, &"two"]), "1 of two");
        assert_eq!(fill("no place", &[&1]), "no place");
    }

    #[test]
    fn one_is_no_plural() {
        let said = |n: u32| fill("{} issue(s), at most {} day(s)", &[&n, &11]);
        assert_eq!((said(1), said(0)), ("1 issue, at most 11 days".into(), "0 issues, at most 11 days".into()));
    }
}
