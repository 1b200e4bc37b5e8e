//! Plans: what happens in a world, as data, one JSON value a line, and the generator that draws them from a seed.
//! Operations name phones and issues by a number that is taken modulo what there is, so that every part of a plan is a plan.

use serde::{Deserialize, Serialize};
use xiaohao_shared::model::Role;

use super::chance::Chance;

/// Zones of every simulated office: 1 to this.
pub const ZONES: u32 = 3;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub setup: Setup,
    pub ops: Vec<Op>,
}

/// Who is there at the beginning: each with one phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    pub seed: u64,
    pub people: Vec<Grant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub role: Role,
    pub zones: Vec<u32>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// A new issue in one of the phone's zones.
    Report {
        phone: usize,
        zone: usize,
    },
    Remark {
        phone: usize,
        issue: usize,
    },
    /// One of the actions that the phone offers for an issue, with what it needs, photos too.
    Step {
        phone: usize,
        issue: usize,
        choice: usize,
    },
    /// An issue goes to another zone.
    Move {
        phone: usize,
        issue: usize,
        zone: u32,
    },
    /// Forgets a refused change.
    Dismiss {
        phone: usize,
    },
    /// Everything goes up and comes down that can.
    Sync {
        phone: usize,
    },
    /// One request reaches the office; its answer is on the way until something else happens to it.
    Ask {
        phone: usize,
    },
    /// The request does not arrive.
    Cut {
        phone: usize,
    },
    /// The request arrives and its answer does not.
    LoseAnswer {
        phone: usize,
    },
    /// The last request arrives a second time, and nobody waits for the answer.
    Repeat {
        phone: usize,
    },
    Crash {
        phone: usize,
    },
    /// The phone will die after so many more effects.
    Fuse {
        phone: usize,
        effects: u32,
    },
    /// So many writes of the phone will fail.
    Full {
        phone: usize,
        writes: u32,
    },
    /// The clock of the phone is wrong by so many days.
    Clock {
        phone: usize,
        days: i64,
    },
    /// The owner of the phone gets another role and other zones.
    Grant {
        phone: usize,
        grant: Grant,
    },
    Revoke {
        phone: usize,
    },
    /// A second phone comes to be, with the key and the storage of the first.
    Clone {
        phone: usize,
    },
    /// A copy is made of the storage.
    Keep {
        phone: usize,
    },
    /// The storage is again what was kept.
    Restore {
        phone: usize,
    },
    /// The phone is again where it was long ago: at the beginning of this log, or of another one.
    OldPosition {
        phone: usize,
        other_log: bool,
    },
    /// The line carries at most so many bytes in one go.
    Slow {
        phone: usize,
        bytes: usize,
    },
    /// The phone dies in the middle of its next write.
    Torn {
        phone: usize,
    },
    /// A document kills the worker until there is a new version of the app.
    Trap {
        phone: usize,
        issue: usize,
    },
    /// From now on two tabs are open: what one dies of saving, it is asked again of the other.
    Tabs {
        phone: usize,
    },
    /// The phone has an app of the first days.
    OldApp {
        phone: usize,
    },
    /// The owner is away for so many days, and the others go on.
    Away {
        phone: usize,
        days: i64,
    },
    /// Photos go to the office, and what it lacks of them is asked for.
    Photos {
        phone: usize,
    },
    /// The phone is full: photos go.
    Evict {
        phone: usize,
    },
    /// The phone is full: of every second document only the row stays, as far as the engine agrees.
    Shed {
        phone: usize,
        odd: bool,
    },
    /// Somebody opens an issue of which only the row is there.
    Open {
        phone: usize,
        issue: usize,
    },
    /// What the phone has not sent travels to the office in a file, by somebody else.
    Handover {
        phone: usize,
        courier: usize,
    },
    /// Somebody new comes to the office.
    Enrol {
        grant: Grant,
    },
    /// The owner of the phone leaves the office, or comes back.
    Leave {
        phone: usize,
        gone: bool,
    },
    /// The office dies while it serves the phone, before it commits.
    DieServing {
        phone: usize,
    },
    /// Somebody sends bytes that no honest phone makes.
    Poison {
        phone: usize,
        issue: usize,
        kind: usize,
    },
    /// Somebody brings another's change as one that a restored office has lost.
    Forge {
        phone: usize,
        issue: usize,
        victim: usize,
    },
    /// The desk takes over the change that waits longest.
    Adopt,
    Backup,
    RestoreOffice,
    /// The office dies and starts again over the files as they lie.
    CrashOffice,
    /// Time goes by, and phones that want to ask do so.
    Wait {
        minutes: u32,
    },
}

impl Plan {
    /// The plan of a seed.
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let people = people(&mut chance);
        let urn = Urn::new(&mut chance);
        // One more than there are, so that a clone has something to do; where there is none, it falls to the desk.
        let phones = people.len() + 1;
        let ops = (0..20 + chance.below(100)).map(|_| urn.draw(&mut chance, phones)).collect();
        Self { setup: Setup { seed, people }, ops }
    }

    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let setup = serde_json::from_str(lines.next().unwrap_or_default())?;
        Ok(Self { setup, ops: lines.map(serde_json::from_str).collect::<Result<_, _>>()? })
    }

    pub fn write(&self) -> Result<String, serde_json::Error> {
        let mut lines = vec![serde_json::to_string(&self.setup)?];
        for op in &self.ops {
            lines.push(serde_json::to_string(op)?);
        }
        Ok(lines.join("\n") + "\n")
    }
}

/// Mostly a handful, now and then half an office. The desk is always there.
fn people(chance: &mut Chance) -> Vec<Grant> {
    let more = match chance.below(40) {
        0 => 10 + chance.below(40),
        1..=5 => 6 + chance.below(6),
        _ => 1 + chance.below(5),
    };
    let desk = Grant { role: Role::Supervisor, zones: (1..=ZONES).collect() };
    std::iter::once(desk).chain((0..more).map(|_| grant(chance))).collect()
}

fn grant(chance: &mut Chance) -> Grant {
    let role = match chance.below(12) {
        0 => Role::Supervisor,
        1 => Role::Inspector,
        _ => Role::Cadre,
    };
    let first = 1 + chance.below(ZONES as usize) as u32;
    let second = 1 + chance.below(ZONES as usize) as u32;
    let mut zones = if chance.once_in(2) { vec![first, second] } else { vec![first] };
    zones.sort_unstable();
    zones.dedup();
    Grant { role, zones }
}

type Draw = fn(&mut Chance, usize) -> Op;

/// What can happen in one plan, each as often as its weight says. Most faults are left out of most plans: where everything
/// happens, nothing happens for long enough to matter.
struct Urn(Vec<(usize, Draw)>);

impl Urn {
    fn new(chance: &mut Chance) -> Self {
        if chance.once_in(5) {
            return Self(ALWAYS.iter().chain(RESTORED).copied().collect());
        }
        let faults = FAULTS.iter().filter(|_| chance.once_in(3));
        Self(ALWAYS.iter().chain(faults).copied().collect())
    }

    fn draw(&self, chance: &mut Chance, phones: usize) -> Op {
        let mut at = chance.below(self.0.iter().map(|(weight, _)| weight).sum());
        for (weight, draw) in &self.0 {
            match at.checked_sub(*weight) {
                Some(left) => at = left,
                None => return draw(chance, phones),
            }
        }
        Op::Wait { minutes: 1 }
    }
}

const ALWAYS: &[(usize, Draw)] = &[
    (30, |chance, phones| Op::Sync { phone: chance.below(phones) }),
    (10, |chance, phones| Op::Report { phone: chance.below(phones), zone: chance.below(9) }),
    (14, |chance, phones| Op::Remark { phone: chance.below(phones), issue: chance.below(99) }),
    (18, |chance, phones| step(chance, phones)),
    (4, |chance, _| Op::Wait { minutes: 1 + chance.below(120) as u32 }),
];

/// What only goes wrong together: an office is put back, while issues and people have changed their zones and photos have come.
const RESTORED: &[(usize, Draw)] = &[
    (3, |_, _| Op::Backup),
    (2, |_, _| Op::RestoreOffice),
    (30, |chance, phones| Op::Photos { phone: chance.below(phones) }),
    (12, |chance, phones| moved(chance, phones)),
    (5, |chance, phones| Op::Grant { phone: chance.below(phones), grant: grant(chance) }),
];

const FAULTS: &[(usize, Draw)] = &[
    (8, |chance, phones| Op::Ask { phone: chance.below(phones) }),
    (6, |chance, phones| Op::Cut { phone: chance.below(phones) }),
    (8, |chance, phones| Op::LoseAnswer { phone: chance.below(phones) }),
    (6, |chance, phones| Op::Repeat { phone: chance.below(phones) }),
    (6, |chance, phones| Op::Crash { phone: chance.below(phones) }),
    (8, |chance, phones| Op::Fuse { phone: chance.below(phones), effects: chance.below(8) as u32 }),
    (5, |chance, phones| Op::Full { phone: chance.below(phones), writes: 1 + chance.below(4) as u32 }),
    (3, |chance, phones| Op::Clock { phone: chance.below(phones), days: chance.below(8_000) as i64 - 4_000 }),
    (8, |chance, phones| moved(chance, phones)),
    (5, |chance, phones| Op::Grant { phone: chance.below(phones), grant: grant(chance) }),
    (1, |chance, phones| Op::Revoke { phone: 1 + chance.below(phones - 2) }),
    (2, |chance, phones| Op::Clone { phone: chance.below(phones) }),
    (6, |chance, phones| kept(chance, phones)),
    (3, |chance, phones| Op::OldPosition { phone: chance.below(phones), other_log: chance.once_in(2) }),
    (4, |chance, phones| poison(chance, phones)),
    (4, |chance, phones| forge(chance, phones)),
    (3, |chance, phones| Op::Dismiss { phone: chance.below(phones) }),
    (4, |_, _| Op::Adopt),
    (3, |chance, _| if chance.once_in(2) { Op::Backup } else { Op::RestoreOffice }),
    (3, |_, _| Op::CrashOffice),
    (4, |chance, phones| Op::Slow { phone: chance.below(phones), bytes: 2_000 << chance.below(4) }),
    (6, |chance, phones| Op::Torn { phone: chance.below(phones) }),
    (3, |chance, phones| Op::Trap { phone: chance.below(phones), issue: chance.below(99) }),
    (6, |chance, phones| tabs(chance, phones)),
    (2, |chance, phones| Op::OldApp { phone: chance.below(phones) }),
    (1, |chance, phones| Op::Away { phone: chance.below(phones), days: 20 + chance.below(60) as i64 }),
    (12, |chance, phones| photos(chance, phones)),
    (6, |chance, phones| Op::Handover { phone: chance.below(phones), courier: chance.below(phones) }),
    (2, |chance, _| Op::Enrol { grant: grant(chance) }),
    (2, |chance, phones| Op::Leave { phone: 1 + chance.below(phones - 2), gone: !chance.once_in(3) }),
    (5, |chance, phones| Op::DieServing { phone: chance.below(phones) }),
    (10, |chance, phones| shed(chance, phones)),
];

/// Tabs matter where one dies.
fn tabs(chance: &mut Chance, phones: usize) -> Op {
    let phone = chance.below(phones);
    if chance.once_in(3) { Op::Tabs { phone } } else { Op::Fuse { phone, effects: chance.below(4) as u32 } }
}

fn photos(chance: &mut Chance, phones: usize) -> Op {
    let phone = chance.below(phones);
    if chance.once_in(4) { Op::Evict { phone } } else { Op::Photos { phone } }
}

fn shed(chance: &mut Chance, phones: usize) -> Op {
    let phone = chance.below(phones);
    if chance.once_in(3) {
        Op::Open { phone, issue: chance.below(99) }
    } else {
        Op::Shed { phone, odd: chance.once_in(2) }
    }
}

fn step(chance: &mut Chance, phones: usize) -> Op {
    Op::Step { phone: chance.below(phones), issue: chance.below(99), choice: chance.below(99) }
}

/// Mostly by the desk, who may.
fn moved(chance: &mut Chance, phones: usize) -> Op {
    let phone = if chance.once_in(3) { chance.below(phones) } else { 0 };
    Op::Move { phone, issue: chance.below(99), zone: 1 + chance.below(ZONES as usize) as u32 }
}

fn kept(chance: &mut Chance, phones: usize) -> Op {
    let phone = chance.below(phones);
    if chance.once_in(2) { Op::Keep { phone } } else { Op::Restore { phone } }
}

fn forge(chance: &mut Chance, phones: usize) -> Op {
    Op::Forge { phone: chance.below(phones), issue: chance.below(99), victim: chance.below(phones) }
}

fn poison(chance: &mut Chance, phones: usize) -> Op {
    Op::Poison { phone: chance.below(phones), issue: chance.below(99), kind: chance.below(99) }
}
