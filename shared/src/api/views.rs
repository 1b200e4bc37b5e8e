//! Saved views: addresses of boards and lists that a person comes back to, under names of his own. They are the person's and not a
//! device's; each device keeps a copy, and what is changed without a network is told later. Pure.

use serde::{Deserialize, Serialize};

/// Enough for anybody; more would hide the page.
pub const MOST: usize = 12;
pub const MAX_VIEW_NAME: usize = 40;
const MAX_VIEW_ADDRESS: usize = 2_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub name: String,
    /// A page of this office, with what narrows it.
    pub address: String,
}

impl View {
    fn is_sensible(&self) -> bool {
        let plain = |text: &str| !text.chars().any(char::is_control);
        let letters = self.name.chars().count();
        let named = self.name.trim() == self.name && (1..=MAX_VIEW_NAME).contains(&letters) && plain(&self.name);
        let here = self.address.starts_with('/') && !self.address.starts_with("//");
        named && here && self.address.len() <= MAX_VIEW_ADDRESS && plain(&self.address)
    }
}

/// `POST /api/views` takes several, all of them or none, and answers with all views, as `GET /api/views` does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewWish {
    /// Adds a view, or names the one of this address anew.
    Keep(View),
    /// By its address.
    Forget(String),
}

/// The views with a wish fulfilled; `None` where there are too many, or where it is no view. Said twice it is true once.
pub fn fulfilled(views: &[View], wish: &ViewWish) -> Option<Vec<View>> {
    let mut views = views.to_vec();
    match wish {
        ViewWish::Forget(address) => views.retain(|view| view.address != *address),
        ViewWish::Keep(view) => {
            view.is_sensible().then_some(())?;
            match views.iter_mut().find(|other| other.address == view.address) {
                Some(known) => *known = view.clone(),
                None => views.push(view.clone()),
            }
        }
    }
    (views.len() <= MOST).then_some(views)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str, address: &str) -> View {
        View { name: name.into(), address: address.into() }
    }

    fn keep(name: &str, address: &str) -> ViewWish {
        ViewWish::Keep(view(name, address))
    }

    #[test]
    fn a_view_is_added_once_named_anew_in_its_place_and_forgotten() {
        let all = |wishes: &[ViewWish]| wishes.iter().try_fold(Vec::new(), |views, wish| fulfilled(&views, wish));
        let both = all(&[keep("甲", "/list?zone=1"), keep("乙", "/board"), keep("甲二", "/list?zone=1")]).unwrap();
        assert_eq!(both, [view("甲二", "/list?zone=1"), view("乙", "/board")]);
        assert_eq!(fulfilled(&both, &ViewWish::Forget("/board".into())), Some(vec![view("甲二", "/list?zone=1")]));
        assert_eq!(fulfilled(&both, &keep("乙", "/board")), Some(both));
    }

    #[test]
    fn there_are_no_more_than_anybody_needs_and_no_addresses_of_elsewhere() {
        let full: Vec<View> = (0..MOST).map(|at| view("片区", &format!("/list?zone={at}"))).collect();
        assert_eq!(fulfilled(&full, &keep("多", "/list")), None);
        assert!(fulfilled(&full, &keep("改名", "/list?zone=1")).is_some());
        for address in ["https://elsewhere.example/", "//elsewhere.example", "list", "/a\u{7}", &"/a".repeat(2_000)] {
            assert_eq!(fulfilled(&[], &keep("甲", address)), None, "{address}");
        }
        for name in ["", " 甲", &"长".repeat(MAX_VIEW_NAME + 1)] {
            assert_eq!(fulfilled(&[], &keep(name, "/list")), None, "{name:?}");
        }
    }
}
