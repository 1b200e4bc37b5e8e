//! Rounds through zones (巡查): taken in once from whoever walked them, and which bands of the days they cover.

use std::collections::BTreeMap;
use std::ops::Range;

use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{MOST_PATROL_DAYS, MOST_ROUNDS, PatrolTaken, Patrols, Round, ZonePatrols};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::indicator::{Figures, Span};
use xiaohao_shared::model::patrol::{self, Coverage, Doubt, Patrol};
use xiaohao_shared::model::policy::may_see_zone;
use xiaohao_shared::sync::handover::Heard;
use xiaohao_shared::time::{DAY, Date, Timestamp};

use super::directory::Caller;
use super::{Service, ServiceError, Write};
use crate::store::{Connection, patrols, people};

/// Of one person in a day: what half a year offline brings, and no machine.
const MOST_A_DAY: i64 = 1_000;

/// Said twice it is true once, as it was said first. From a device out of service it is kept, and counts for nothing.
pub async fn take(
    service: &Service,
    caller: &Caller,
    is_stopped: bool,
    patrol: Patrol,
) -> Result<PatrolTaken, ServiceError> {
    hear(service, caller, is_stopped, patrol).await.map(|(taken, _)| taken)
}

/// The same for rounds that somebody carried here, and what came of each.
pub async fn carry(
    service: &Service,
    author: &Caller,
    is_stopped: bool,
    patrols: Vec<Patrol>,
) -> Result<Vec<Heard>, ServiceError> {
    let mut all = Vec::with_capacity(patrols.len());
    for patrol in patrols {
        all.push(match hear(service, author, is_stopped, patrol).await {
            Ok((_, heard)) => heard,
            Err(
                ServiceError::Forbidden
                | ServiceError::Invalid { .. }
                | ServiceError::Round(_)
                | ServiceError::Unfit(_)
                | ServiceError::Conflict(_),
            ) => Heard::Refused,
            Err(error) => return Err(error),
        });
    }
    Ok(all)
}

async fn hear(
    service: &Service,
    caller: &Caller,
    is_stopped: bool,
    patrol: Patrol,
) -> Result<(PatrolTaken, Heard), ServiceError> {
    let now = service.now();
    patrol.check()?;
    let mut tx = service.write().await?;
    if let Some(known) = patrols::find(&mut tx, patrol.id).await? {
        let same = known.person == caller.person.id;
        let taken = PatrolTaken { received_at: known.received_at };
        return if same { Ok((taken, Heard::Known)) } else { Err(TAKEN) };
    }
    has_the_zone(&mut tx, caller, patrol.zone).await?;
    let first = patrols::received_last(&mut tx, caller.person.id, MOST_A_DAY).await?;
    if let Some(first) = first.filter(|first| *first > now + -DAY) {
        return Err(ServiceError::TooMany { wait: first + DAY - now });
    }
    let doubt = match () {
        () if is_stopped => Some(Doubt::Stopped),
        () if patrol.is_clock_doubtful(now) => Some(Doubt::Clock),
        () => None,
    };
    let round = Round { patrol, person: caller.person.id, received_at: now, doubt };
    patrols::insert(&mut tx, &round, caller.device).await?;
    tx.commit().await?;
    Ok((PatrolTaken { received_at: now }, Heard::New))
}

const TAKEN: ServiceError = ServiceError::Conflict(Reason::RoundOfAnother);

/// Now, or before it was taken from him: he may have walked it then and been offline since.
async fn has_the_zone(tx: &mut Write<'_>, caller: &Caller, zone: ZoneId) -> Result<(), ServiceError> {
    let former = people::former(tx, caller.person.id).await?;
    let may = former.iter().chain([&caller.person]).any(|person| may_see_zone(person, zone));
    match people::zone_exists(tx, zone).await? {
        false => Err(ServiceError::Unfit(Reason::NoSuchZone)),
        true if may => Ok(()),
        true => Err(ServiceError::Forbidden),
    }
}

/// What the desk asks for: whole days, and of the rounds perhaps those of one zone or band alone.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub from: Date,
    pub to: Date,
    pub zone: Option<ZoneId>,
    pub band: Option<usize>,
}

impl Asked {
    fn span(self) -> Result<Span, ServiceError> {
        match self.to.0.saturating_sub(self.from.0) {
            0..MOST_PATROL_DAYS => Ok(Span { from: self.from.start(), before: self.to.next().start() }),
            _ => Err(ServiceError::Unfit(Reason::PatrolDays)),
        }
    }

    /// A round is counted once, where it was opened; a band is also patrolled by who came in from the day before.
    fn holds(self, round: &Round, days: Span) -> bool {
        let (zone, walked) = (self.zone.is_none_or(|zone| zone == round.patrol.zone), round.patrol.span());
        zone && match self.band {
            Some(band) => patrol::touches(patrol::within(walked, days), band),
            None => days.holds(walked.from),
        }
    }
}

pub async fn list(service: &Service, asked: Asked) -> Result<Patrols, ServiceError> {
    let (span, now) = (asked.span()?, service.now());
    let mut rounds = rounds(service, span).await?;
    let due = due(&mut *service.store.acquire().await?, span, now).await?;
    let by_zone = by_zone(&rounds, span, &due);
    let zones =
        due.into_iter().map(|(zone, due)| by_zone.get(&zone).unwrap_or(&Tally::default()).of(zone, due)).collect();
    rounds.retain(|round| asked.holds(round, span));
    let total = rounds.len() as u64;
    rounds.truncate(MOST_ROUNDS);
    Ok(Patrols { from: asked.from, to: asked.to, server_time: now, zones, rounds, total })
}

/// All rounds of the days asked for, for a file.
pub async fn all(service: &Service, asked: Asked) -> Result<Vec<Round>, ServiceError> {
    let span = asked.span()?;
    let mut rounds = rounds(service, span).await?;
    rounds.retain(|round| asked.holds(round, span));
    Ok(rounds)
}

async fn rounds(service: &Service, span: Span) -> Result<Vec<Round>, ServiceError> {
    Ok(patrols::within(&mut *service.store.acquire().await?, span).await?)
}

#[derive(Default)]
struct Tally {
    coverage: Coverage,
    rounds: u64,
    found: u64,
    walked: i64,
    doubtful: u64,
}

impl Tally {
    fn of(&self, zone: ZoneId, due: Range<i64>) -> ZonePatrols {
        let Self { rounds, found, walked, doubtful, .. } = *self;
        let (due, covered) = (patrol::count_by_day(due), self.coverage.by_day());
        ZonePatrols { zone, due, covered, rounds, found, walked, doubtful }
    }
}

/// What can have been patrolled in each zone: nothing before it was there.
async fn due(tx: &mut Connection, days: Span, now: Timestamp) -> Result<BTreeMap<ZoneId, Range<i64>>, ServiceError> {
    let first = patrols::first(tx).await?;
    let due = |since: Timestamp| patrol::due(Span { from: days.from.max(since), ..days }, first, now);
    Ok(people::zones_since(tx).await?.into_iter().map(|(zone, since)| (zone, due(since))).collect())
}

fn by_zone(rounds: &[Round], days: Span, due: &BTreeMap<ZoneId, Range<i64>>) -> BTreeMap<ZoneId, Tally> {
    let mut zones: BTreeMap<ZoneId, Tally> = BTreeMap::new();
    for Round { patrol, doubt, .. } in rounds {
        let (tally, walked) = (zones.entry(patrol.zone).or_default(), patrol.span());
        if doubt.is_some() {
            tally.doubtful += u64::from(days.holds(walked.from));
            continue;
        }
        tally.coverage.add(patrol::within(walked, days), due.get(&patrol.zone).unwrap_or(&(0..0)));
        if days.holds(walked.from) {
            tally.rounds += 1;
            tally.found += u64::from(patrol.found);
            tally.walked += walked.before - walked.from;
        }
    }
    zones
}

/// Adds the coverage to the figures of each zone. Nothing is due of an office that has not begun to patrol.
pub async fn figures(
    tx: &mut Connection,
    span: Span,
    now: Timestamp,
    zones: &mut BTreeMap<ZoneId, Figures>,
) -> Result<(), ServiceError> {
    let due = due(tx, span, now).await?;
    if due.values().all(Range::is_empty) {
        return Ok(());
    }
    let by_zone = by_zone(&patrols::within(tx, span).await?, span, &due);
    for (zone, due) in due {
        let figures = zones.entry(zone).or_default();
        figures.bands_due = patrol::count_by_day(due).iter().sum();
        figures.bands_covered = by_zone.get(&zone).map_or(0, |tally| tally.coverage.by_day().iter().sum());
    }
    Ok(())
}
