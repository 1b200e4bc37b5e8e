//! Counts the open connections of each address, so that one cannot take the places of all. Knows no sockets.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::address::network;

#[derive(Debug, Clone)]
pub struct Crowd {
    most: usize,
    taken: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

/// A place of an address; free again when dropped.
#[derive(Debug)]
pub struct Seat {
    crowd: Crowd,
    network: IpAddr,
}

impl Crowd {
    pub fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    /// `None` where the address has all the places that it gets.
    pub fn seat(&self, from: IpAddr) -> Option<Seat> {
        let network = network(from);
        let mut taken = self.taken();
        let count = taken.entry(network).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Seat { crowd: self.clone(), network })
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.crowd.taken();
        match taken.get_mut(&self.network) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(taken.remove(&self.network)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_so_many_places_and_one_that_is_left_is_free_again() {
        let crowd = Crowd::new(2);
        let (here, there): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = crowd.seat(here).unwrap();
        let _second = crowd.seat(here).unwrap();
        assert!(crowd.seat(here).is_none());
        let others = crowd.seat(there).unwrap();
        drop((first, others));
        assert!(crowd.seat(here).is_some());
        assert_eq!(crowd.taken().len(), 1, "who left is forgotten");
    }
}
