//! Every sentence of the app in Chinese and English. One table, so that a missing translation does not compile; each area of the app
//! brings its own part of it (`words!`), and the words of the domain (states, actions, reasons) stand in [`names`]. Knows nothing of
//! signals: a page gets the table of its language.

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

texts! {
    [
        frame stopped measures lists report privacy issue sync handover weekly board indicators settlement
        export map import borders admin zones lock vault rights devices catalogue halfyear bulletins patrols
        enrol me passkeys
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_leave_the_same_places_open() {
        for (key, zh, en) in PAIRS {
            assert_eq!(zh.matches("{}").count(), en.matches("{}").count(), "{key}");
            assert!(!zh.is_empty() && !en.is_empty(), "{key}");
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
