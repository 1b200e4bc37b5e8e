//! Whether one device key speaks from two places. A browser's process that has ended never speaks again, so one that does after
//! another had begun lives beside it: somebody has copied the profile. In memory, because both go on speaking.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use xiaohao_shared::id::DeviceId;

/// A request may hang in the network and arrive after its process has died; a second one does not.
const PROOF: u32 = 2;
/// Ended processes that are remembered of a device.
const REMEMBERED: usize = 8;

/// The processes of all devices since the office was opened.
#[derive(Default)]
pub struct Lives(Mutex<BTreeMap<DeviceId, Life>>);

#[derive(Default)]
struct Life {
    /// Process and the highest turn that it spoke; the newest is last.
    processes: Vec<(u32, u32)>,
    strikes: u32,
}

impl Lives {
    /// Takes note of a request; true where it proves that there are two.
    pub fn are_two(&self, device: DeviceId, process: u32, turn: u32) -> bool {
        let mut lives = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lives.entry(device).or_default().speaks(process, turn)
    }
}

impl Life {
    fn speaks(&mut self, process: u32, turn: u32) -> bool {
        let newest = self.processes.len().saturating_sub(1);
        let Some(at) = self.processes.iter().position(|(known, _)| *known == process) else {
            self.begins(process, turn);
            return false;
        };
        // What the network delivers a second time says nothing.
        let is_new = turn > self.processes[at].1;
        self.processes[at].1 = turn.max(self.processes[at].1);
        self.strikes += u32::from(is_new && at < newest);
        self.strikes >= PROOF
    }

    fn begins(&mut self, process: u32, turn: u32) {
        if self.processes.len() == REMEMBERED {
            self.processes.remove(0);
        }
        self.processes.push((process, turn));
        self.strikes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(spoken: &[(u32, u32)]) -> bool {
        let mut life = Life::default();
        spoken.iter().any(|(process, turn)| life.speaks(*process, *turn))
    }

    #[test]
    fn a_phone_that_is_started_again_and_again_is_one_phone() {
        assert!(!proven(&[(1, 1), (1, 2), (2, 1), (3, 1), (3, 2), (3, 3), (4, 1)]));
    }

    #[test]
    fn what_arrives_late_or_twice_proves_nothing() {
        assert!(!proven(&[(1, 1), (2, 1), (1, 2), (2, 2), (1, 2), (1, 1), (2, 3)]));
    }

    #[test]
    fn two_that_speak_in_turn_are_two() {
        assert!(proven(&[(1, 1), (2, 1), (1, 2), (2, 2), (1, 3)]));
    }
}
