//! What the admission costs beside the merge itself: the changes of a filled office, once more and one at a time, without SQL and
//! without HTTP. Judges nothing that counts.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use xiaohao_server::service::Service;
use xiaohao_server::service::admission::proof;
use xiaohao_server::store::people;
use xiaohao_shared::doc::Document;
use xiaohao_shared::doc::admit::recognise;
use xiaohao_shared::doc::screen::screen;
use xiaohao_shared::id::{HUB, IssueId, PersonId};
use xiaohao_shared::model::policy::{Before, Denied, Known, judge};

/// CPU time, in one thread.
#[derive(Default)]
pub struct Checks {
    pub changes: u32,
    /// What any hub does: load the document, apply the change, save, read it for its rows.
    pub merging: Duration,
    /// Screened, recognised, judged by the policy.
    pub judging: Duration,
    /// Tried on a copy, loaded again from what would be saved, compared.
    pub proving: Duration,
}

impl Checks {
    /// In percent of the merge.
    pub fn share(&self, of: Duration) -> f64 {
        100.0 * of.as_secs_f64() / self.merging.as_secs_f64()
    }

    pub fn each(&self, of: Duration) -> f64 {
        of.as_secs_f64() * 1e6 / f64::from(self.changes)
    }

    pub async fn of(service: &Service) -> anyhow::Result<Self> {
        let mut tx = service.write().await?;
        let known = people::known(&mut tx).await?;
        drop(tx);
        let sql = "SELECT issue_id, person, device, bytes FROM changes ORDER BY seq";
        let changes: Vec<(String, i64, i64, Vec<u8>)> = sqlx::query_as(sql).fetch_all(&service.store).await?;
        let (mut checks, mut saved) = (Self::default(), BTreeMap::new());
        for (issue, person, device, bytes) in changes {
            let (issue, person): (IssueId, _) = (issue.parse()?, PersonId(u32::try_from(person)?));
            let before: Vec<u8> = saved.remove(&issue).unwrap_or_default();
            let by = (device != HUB.0.cast_signed()).then_some((person, &known));
            saved.insert(issue, checks.one(issue, by, &before, &bytes)?);
        }
        Ok(checks)
    }

    /// One change; what the hub wrote itself nobody judges.
    fn one(
        &mut self,
        id: IssueId,
        by: Option<(PersonId, &Known)>,
        before: &[u8],
        bytes: &[u8],
    ) -> anyhow::Result<Vec<u8>> {
        let began = Instant::now();
        let mut document = if before.is_empty() { Document::default() } else { Document::load(before)? };
        let loaded = began.elapsed();
        let Some((person, known)) = by else {
            document.apply([bytes])?;
            return Ok(document.save());
        };
        let began = Instant::now();
        judged(&document, id, known, person, bytes)?;
        self.judging += began.elapsed();
        let began = Instant::now();
        let copy = document.clone();
        let copied = began.elapsed();
        let began = Instant::now();
        document.apply([bytes])?;
        let saved = document.save();
        document.read(id)?;
        self.merging += loaded + began.elapsed();
        drop(copy);
        let began = Instant::now();
        proof(id, &document).context("it does not prove itself")?;
        let proved = began.elapsed();
        let began = Instant::now();
        // Reading and saving are part of the proof, and of the merge: counted there.
        ensure!(document.read(id).is_ok() && document.save() == saved, "the same");
        self.proving += copied + proved.saturating_sub(began.elapsed());
        self.changes += 1;
        Ok(saved)
    }
}

fn judged(document: &Document, id: IssueId, known: &Known, person: PersonId, bytes: &[u8]) -> anyhow::Result<()> {
    let screened = screen(bytes)?;
    let edit = recognise(document, &screened, bytes)?;
    let person = known.people.get(&person).context("a person")?;
    if edit.genesis {
        return allowed(judge(person, None, &edit, known));
    }
    let issue = document.read_at(id, &screened.deps)?;
    let conflicts = document.conflicts_at(&screened.deps);
    allowed(judge(person, Some(Before { issue: &issue, conflicts: &conflicts }), &edit, known))
}

fn allowed(judgement: Result<(), Denied>) -> anyhow::Result<()> {
    judgement.map_err(|denied| anyhow::anyhow!("what was admitted is denied now: {denied:?}"))
}
