//! Makes a failing plan short: leaves out whatever it fails without. Knows nothing of why it fails.

use super::plan::Plan;
use super::plant::Plant;
use super::run;

/// The shortest plan that leaving out parts leads to. It still fails, if the given one did.
pub fn minimise(plan: &Plan, plant: Option<Plant>) -> Plan {
    let mut plan = plan.clone();
    let mut length = plan.ops.len().div_ceil(2);
    while length > 0 {
        let before = plan.ops.len();
        plan = without_parts(plan, length, plant);
        // Single operations once more, as long as that helps: what was needed before may not be needed any more.
        length = if length == 1 && plan.ops.len() < before { 1 } else { length / 2 };
    }
    plan
}

fn without_parts(mut plan: Plan, length: usize, plant: Option<Plant>) -> Plan {
    let mut at = plan.ops.len().saturating_sub(length);
    loop {
        let mut shorter = plan.clone();
        shorter.ops.drain(at..(at + length).min(plan.ops.len()));
        if shorter.ops.len() < plan.ops.len() && !run(&shorter, plant).violations.is_empty() {
            plan = shorter;
        }
        if at == 0 {
            return plan;
        }
        at = at.saturating_sub(length);
    }
}
