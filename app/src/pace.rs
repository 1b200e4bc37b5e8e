//! How much of a photo one request carries, learned from how the last ones went. A piece counts only when it arrived whole, so on
//! a link that breaks every few seconds large ones would travel for nothing, and small ones waste headers on a good link.
//! Must not know what is sent.

use std::cell::Cell;

const SMALLEST: usize = 8 * 1024;
const FIRST: usize = 16 * 1024;
const LARGEST: usize = 64 * 1024;
/// A piece that took less could have been larger, in milliseconds.
const QUICK: i64 = 1_500;
/// A piece that took more is too likely to be cut off.
const SLOW: i64 = 4_000;

pub struct Pace {
    piece: Cell<usize>,
    arrived: Cell<u32>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { piece: Cell::new(FIRST), arrived: Cell::new(0) }
    }
}

impl Pace {
    /// Bytes of the next piece, from 8 to 64 KiB.
    pub fn piece(&self) -> usize {
        self.piece.get()
    }

    /// How many pieces have arrived so far: whoever sees it grow made progress.
    pub fn arrived(&self) -> u32 {
        self.arrived.get()
    }

    /// A piece arrived after so many milliseconds.
    pub fn went(&self, took: i64) {
        self.arrived.set(self.arrived.get().wrapping_add(1));
        let piece = self.piece.get();
        match took {
            ..=QUICK => self.piece.set((piece * 2).min(LARGEST)),
            SLOW.. => self.broke(),
            _ => (),
        }
    }

    /// A piece was cut off.
    pub fn broke(&self) {
        self.piece.set((self.piece.get() / 2).max(SMALLEST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends a photo over a link that breaks at a steady interval; the bytes that travelled for each byte of the photo.
    fn sent(size: usize, bytes_per_ms: usize, breaks_every: i64) -> f64 {
        let (pace, mut now, mut offset, mut travelled) = (Pace::default(), 3_700, 0, 0);
        while offset < size {
            let piece = pace.piece().min(size - offset);
            let took = (piece / bytes_per_ms) as i64;
            let left = breaks_every - now % breaks_every;
            if took < left {
                pace.went(took);
                (offset, now, travelled) = (offset + piece, now + took, travelled + piece);
            } else {
                pace.broke();
                (now, travelled) = (now + left + 2_000, travelled + left as usize * bytes_per_ms);
            }
        }
        travelled as f64 / size as f64
    }

    #[test]
    fn at_64_kbit_a_second_with_a_break_every_ten_seconds_little_travels_twice() {
        let ratio = sent(200_000, 8, 10_000);
        assert!(ratio < 1.3, "{ratio}");
    }

    #[test]
    fn a_good_link_carries_the_largest_pieces_after_a_moment() {
        let pace = Pace::default();
        (0..3).for_each(|_| pace.went(100));
        assert_eq!((pace.piece(), pace.arrived()), (LARGEST, 3));
    }

    #[test]
    fn a_piece_never_shrinks_to_nothing() {
        let pace = Pace::default();
        (0..30).for_each(|_| pace.broke());
        assert_eq!(pace.piece(), SMALLEST);
    }
}
