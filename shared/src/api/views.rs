//! Saved views: addresses of boards and lists that a person comes back to, under names of his own. They are the person's and not a
//! device's; each device keeps a copy, and what is changed without a network is told later. Pure.

use serde::{Deserialize, Serialize};

use crate::id::PersonId;

/// Enough for anybody; more would hide the page.
pub const MOST: usize = 12;
pub const MAX_VIEW_NAME: usize = 40;
const MAX_VIEW_ADDRESS: usize = 2_000;
/// That are told at once. A device that was long without a network may have changed each view several times.
pub const MAX_VIEW_WISHES: usize = MOST * 20;

/// Bytes of what is told at once; the office's door takes 64 KB.
const MAX_VIEWS_BYTES: usize = 48 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub name: String,
    /// A page of this office, with what narrows it.
    pub address: String,
}

impl View {
    /// Under a name that somebody proposes and nobody has looked at: it is cut to what a name may be.
    pub fn proposed(name: &str, address: String) -> Self {
        let plain = name.trim().chars().filter(|c| !c.is_control());
        let name: String = plain.take(MAX_VIEW_NAME).collect();
        Self { name: name.trim().to_owned(), address }
    }

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

/// Wishes one after the other, of which each may fail: those that can be fulfilled, and those that find no place.
pub fn sifted(views: &[View], wishes: &[ViewWish]) -> (Vec<ViewWish>, Vec<ViewWish>) {
    let mut views = views.to_vec();
    wishes.iter().cloned().partition(|wish| match fulfilled(&views, wish) {
        Some(after) => {
            views = after;
            true
        }
        None => false,
    })
}

/// Without those names of an address that a later one replaces: the office ends with the same views.
pub fn without_replaced(wishes: &[ViewWish]) -> Vec<ViewWish> {
    let address = |wish: &ViewWish| match wish {
        ViewWish::Keep(view) => Some(view.address.clone()),
        ViewWish::Forget(_) => None,
    };
    let is_replaced = |at: usize| {
        let this = address(&wishes[at]);
        this.is_some() && wishes[at + 1..].iter().any(|later| address(later) == this)
    };
    (0..wishes.len()).filter(|at| !is_replaced(*at)).map(|at| wishes[at].clone()).collect()
}

/// What a device has of somebody's views.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mine {
    /// Whose they are. Absent in what an older version kept.
    #[serde(default)]
    pub person: Option<PersonId>,
    pub views: Vec<View>,
    /// What the office has not heard yet, in its order.
    pub unsent: Vec<ViewWish>,
}

impl Mine {
    /// Nothing of somebody else's.
    pub fn of(self, person: Option<PersonId>) -> Self {
        match (self.person, person) {
            (Some(other), Some(_)) if Some(other) != person => Self { person, ..Self::default() },
            _ => Self { person: person.or(self.person), ..self },
        }
    }

    /// All of them; or nothing and `false`, where that cannot be wished.
    pub fn wish(&mut self, wishes: &[ViewWish]) -> bool {
        let views = wishes.iter().try_fold(self.views.clone(), |views, wish| fulfilled(&views, wish));
        let Some(views) = views else { return false };
        self.views = views;
        self.unsent.extend_from_slice(wishes);
        true
    }

    /// What the office is told next: as much as goes through its door, and something at least.
    pub fn next(&self) -> &[ViewWish] {
        let length = |wish: &ViewWish| serde_json::to_string(wish).map_or(MAX_VIEWS_BYTES, |json| json.len() + 1);
        let mut bytes = 0;
        let fits = |wish: &&ViewWish| {
            bytes += length(wish);
            bytes <= MAX_VIEWS_BYTES
        };
        let fitting = self.unsent.iter().take(MAX_VIEW_WISHES).take_while(fits).count();
        &self.unsent[..fitting.max(1).min(self.unsent.len())]
    }

    /// The office's answer to what it was told. What was wished meanwhile is wished of that, and told next; also what has no place any
    /// more, so that it is not lost unsaid.
    pub fn heard(&mut self, views: Vec<View>, told: &[ViewWish]) {
        for wish in told {
            if let Some(at) = self.unsent.iter().position(|unsent| unsent == wish) {
                self.unsent.remove(at);
            }
        }
        let (fit, _) = sifted(&views, &self.unsent);
        let after = fit.iter().try_fold(views.clone(), |views, wish| fulfilled(&views, wish));
        self.views = after.unwrap_or(views);
    }
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

    #[test]
    fn a_long_name_that_was_proposed_is_cut_and_then_it_is_one() {
        let long = View::proposed(&format!(" 解放路片区\u{7} · {}", "长".repeat(60)), "/list".into());
        assert_eq!(long.name.chars().count(), MAX_VIEW_NAME);
        let cut_in_a_gap = View::proposed(&format!("{} 尾", "长".repeat(MAX_VIEW_NAME - 1)), "/list".into());
        assert_eq!(cut_in_a_gap.name, "长".repeat(MAX_VIEW_NAME - 1));
        for view in [long, cut_in_a_gap] {
            assert!(fulfilled(&[], &ViewWish::Keep(view)).is_some());
        }
    }

    #[test]
    fn a_view_that_cannot_be_saved_takes_the_place_of_none() {
        let mut mine = Mine { views: vec![view("甲", "/list")], ..Mine::default() };
        let before = mine.clone();
        let long = keep(&"长".repeat(MAX_VIEW_NAME + 1), "/board");
        assert!(!mine.wish(&[ViewWish::Forget("/list".into()), long]));
        assert_eq!(mine, before);
        assert!(mine.wish(&[ViewWish::Forget("/list".into()), keep("乙", "/board")]));
        assert_eq!((mine.views, mine.unsent.len()), (vec![view("乙", "/board")], 2));
    }

    #[test]
    fn of_many_wishes_only_what_does_not_fit_is_left_out() {
        let office: Vec<View> = (1..MOST).map(|at| view("片区", &format!("/list?zone={at}"))).collect();
        let wishes = [keep("甲", "/a"), keep("乙", "/b"), ViewWish::Forget("/list?zone=1".into()), keep("丙", "/c")];
        let (fit, out) = sifted(&office, &wishes);
        assert_eq!(
            (fit, out),
            (vec![wishes[0].clone(), wishes[2].clone(), wishes[3].clone()], vec![wishes[1].clone()])
        );
    }

    #[test]
    fn what_is_wished_while_the_office_answers_is_told_next() {
        let mut mine = Mine::default();
        assert!(mine.wish(&[keep("甲", "/a")]));
        let told = mine.unsent.clone();
        assert!(mine.wish(&[keep("乙", "/b"), keep("甲", "/a")]));
        mine.heard(vec![view("甲", "/a"), view("办事处", "/o")], &told);
        assert_eq!(mine.unsent, [keep("乙", "/b"), keep("甲", "/a")]);
        assert_eq!(mine.views, [view("甲", "/a"), view("办事处", "/o"), view("乙", "/b")]);
        // The same answer twice, as two tabs may bring it, takes nothing else away.
        mine.heard(vec![view("甲", "/a")], &[keep("丙", "/c")]);
        assert_eq!(mine.unsent.len(), 2);
    }

    #[test]
    fn the_office_is_told_no_more_at_once_than_goes_through_its_door_and_all_of_it_in_the_end() {
        let mut mine = Mine::default();
        let long = |at: usize| format!("/list?text={}{at:02}", "路".repeat(600));
        for round in 0..20 {
            for at in 0..MOST {
                assert!(mine.wish(&[keep(&format!("第{round}次"), &long(at))]));
            }
        }
        assert_eq!(mine.unsent.len(), MAX_VIEW_WISHES);
        let (mut office, mut times) = (Vec::new(), 0);
        while !mine.unsent.is_empty() {
            let told = mine.next().to_vec();
            let said = without_replaced(&told);
            assert!(serde_json::to_string(&said).unwrap().len() < 64 * 1024);
            office = said.iter().try_fold(office, |views, wish| fulfilled(&views, wish)).unwrap();
            mine.heard(office.clone(), &told);
            times += 1;
        }
        assert!((2..20).contains(&times), "{times}");
        assert_eq!((office.len(), office.iter().all(|view| view.name == "第19次")), (MOST, true));
        assert_eq!(mine.next(), []);
    }

    #[test]
    fn what_is_said_anew_is_said_once_and_what_was_forgotten_between_stays_forgotten() {
        let forget = || ViewWish::Forget("/a".into());
        let wishes = [keep("甲", "/a"), keep("乙", "/b"), forget(), keep("甲二", "/a"), forget(), keep("丙", "/c")];
        let said = without_replaced(&wishes);
        assert_eq!(said, [keep("乙", "/b"), forget(), keep("甲二", "/a"), forget(), keep("丙", "/c")]);
        let all = |wishes: &[ViewWish]| wishes.iter().try_fold(Vec::new(), |views, wish| fulfilled(&views, wish));
        assert_eq!(all(&said), all(&wishes));
    }

    #[test]
    fn the_views_of_somebody_else_who_had_this_device_are_not_mine() {
        let (li, wang) = (Some(PersonId(1)), Some(PersonId(2)));
        let old: Mine = serde_json::from_str(r#"{"views":[{"name":"甲","address":"/a"}],"unsent":[]}"#).unwrap();
        let mine = old.clone().of(li);
        assert_eq!((mine.person, &mine.views), (li, &old.views));
        assert_eq!(mine.clone().of(None), mine, "as long as nobody knows who is there");
        assert_eq!(mine.of(wang), Mine { person: wang, ..Mine::default() });
    }
}
