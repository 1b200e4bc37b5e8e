//! Who has a store on this phone, each in a database of his own, and whose turn it is. Small, durable, and the only thing that all of
//! them share: it holds names and nothing else of anybody. Must not know what lies in a store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::IdbDatabase;

use super::idb::{self, Db, Tx, Upgrade};
use super::{StoreError, put_json};

const NAME: &str = "xiaohao-people";
const SEATS: &str = "seats";
const ALL: &str = "all";
const UPGRADES: &[Upgrade] = &[seats];

fn seats(database: &IdbDatabase) -> Result<(), JsValue> {
    database.create_object_store(SEATS).map(drop)
}

/// People on one phone.
const MOST: u8 = 5;

/// The place of one person on this phone: what his database, lock, channel and notes are named after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seat(u8);

impl Default for Seat {
    fn default() -> Self {
        Self::FIRST
    }
}

impl Seat {
    /// Its names are those of the time when a phone had one person.
    pub const FIRST: Self = Self(1);

    pub fn database(self) -> String {
        match self {
            Self::FIRST => "xiaohao".into(),
            Self(number) => format!("xiaohao-{number}"),
        }
    }

    pub fn number(self) -> u8 {
        self.0
    }

    /// A worker knows nothing but its name when it starts: the version, and at whose place it works.
    pub fn worker_name(self, version: &str) -> String {
        match self {
            Self::FIRST => version.into(),
            Self(number) => format!("{version} {number}"),
        }
    }

    pub fn of_worker(name: &str) -> (Self, &str) {
        let named = name.rsplit_once(' ').and_then(|(version, number)| Some((Self(number.parse().ok()?), version)));
        named.unwrap_or((Self::FIRST, name))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    now: Seat,
    /// Empty where it is not known yet.
    names: BTreeMap<Seat, String>,
}

impl Default for Seats {
    fn default() -> Self {
        Self { now: Seat::FIRST, names: BTreeMap::from([(Seat::FIRST, String::new())]) }
    }
}

impl Seats {
    pub fn now(&self) -> Seat {
        self.now
    }

    pub fn names(&self) -> impl Iterator<Item = (Seat, &str)> {
        self.names.iter().map(|(seat, name)| (*seat, name.as_str()))
    }

    pub fn has(&self, seat: Seat) -> bool {
        self.names.contains_key(&seat)
    }

    pub fn is_full(&self) -> bool {
        self.names.len() >= MOST.into()
    }

    /// Whoever sits there is called so; a name that is not known changes nothing.
    pub fn call(&mut self, seat: Seat, name: &str) {
        let known = self.names.entry(seat).or_default();
        if !name.is_empty() {
            *known = name.into();
        }
    }

    /// Not to a place that somebody has cleared in another tab.
    pub fn go_to(&mut self, seat: Seat) {
        if self.has(seat) {
            self.now = seat;
        }
    }

    /// It is the turn of whoever comes, at the first place that is free.
    pub fn add(&mut self) -> Option<Seat> {
        let free = (1..=MOST).map(Seat).find(|seat| !self.has(*seat))?;
        self.call(free, "");
        self.now = free;
        Some(free)
    }

    /// Nothing lies there any more. Where it was its turn, it is the next one's; without anybody the phone is as new.
    pub fn vacate(&mut self, seat: Seat) {
        self.names.remove(&seat);
        if !self.has(self.now) {
            self.now = self.names.keys().next().copied().unwrap_or_default();
        }
        self.names.entry(self.now).or_default();
    }

    /// A phone that never had two people has no list, and gets none by being asked.
    pub async fn read() -> Result<Self, StoreError> {
        if idb::is_there(NAME).await == Some(false) {
            return Ok(Self::default());
        }
        let db = Db::open(NAME, UPGRADES).await?;
        let seats = read(&db.read(&[SEATS])?).await?;
        db.close();
        Ok(seats)
    }

    /// Read and written in one: of two tabs none undoes what the other did.
    pub async fn change(change: impl FnOnce(&mut Self)) -> Result<Self, StoreError> {
        let db = Db::open(NAME, UPGRADES).await?;
        let tx = db.write(&[SEATS])?;
        let mut seats = read(&tx).await?;
        change(&mut seats);
        put_json(&tx, SEATS, ALL, &seats)?;
        tx.done().await?;
        db.close();
        Ok(seats)
    }
}

/// What cannot be read is an error: whoever guesses might show one person's store to another.
async fn read(tx: &Tx) -> Result<Seats, StoreError> {
    let Some(kept) = tx.get(SEATS, ALL).await? else { return Ok(Seats::default()) };
    let text = kept.as_string().unwrap_or_default();
    serde_json::from_str(&text).map_err(|error| StoreError::Failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_with_one_person_keeps_the_names_that_it_had() {
        let seats = Seats::default();
        assert_eq!(seats.now().database(), "xiaohao");
        assert_eq!(seats.now().worker_name("0.1.0-abc"), "0.1.0-abc");
        assert_eq!(Seat::of_worker("0.1.0-abc"), (Seat::FIRST, "0.1.0-abc"));
    }

    #[test]
    fn each_person_has_names_of_his_own_and_a_worker_knows_whose_it_is() {
        let mut seats = Seats::default();
        let mut databases = vec![seats.now().database()];
        while let Some(seat) = seats.add() {
            assert_eq!(seats.now(), seat);
            assert_eq!(Seat::of_worker(&seat.worker_name("0.1.0 abc")), (seat, "0.1.0 abc"));
            databases.push(seat.database());
        }
        assert_eq!(databases, ["xiaohao", "xiaohao-2", "xiaohao-3", "xiaohao-4", "xiaohao-5"]);
        assert!(seats.is_full());
    }

    #[test]
    fn who_logs_out_leaves_his_place_to_the_next_and_the_last_leaves_a_new_phone() {
        let mut seats = Seats::default();
        seats.call(Seat::FIRST, "王建国");
        let second = seats.add().unwrap();
        seats.call(second, "马超");
        seats.vacate(second);
        assert_eq!((seats.now(), seats.names().collect()), (Seat::FIRST, vec![(Seat::FIRST, "王建国")]));
        let again = seats.add().unwrap();
        seats.vacate(Seat::FIRST);
        assert_eq!((again, seats.now()), (second, second));
        assert_eq!(seats.add(), Some(Seat::FIRST), "the place that became free");
        seats.vacate(second);
        seats.vacate(Seat::FIRST);
        assert_eq!(seats, Seats::default());
    }

    #[test]
    fn nobody_goes_to_a_place_that_was_cleared_and_no_name_is_forgotten_for_want_of_one() {
        let mut seats = Seats::default();
        seats.call(Seat::FIRST, "王建国");
        seats.go_to(Seat(3));
        seats.call(Seat::FIRST, "");
        assert_eq!((seats.now(), seats.names().collect()), (Seat::FIRST, vec![(Seat::FIRST, "王建国")]));
    }

    #[test]
    fn what_was_kept_is_read_again() {
        let mut seats = Seats::default();
        seats.call(Seat::FIRST, "王建国");
        seats.add();
        let text = serde_json::to_string(&seats).unwrap();
        assert_eq!(text, r#"{"now":2,"names":{"1":"王建国","2":""}}"#);
        assert_eq!(serde_json::from_str::<Seats>(&text).unwrap(), seats);
    }
}
