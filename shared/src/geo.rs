//! Where things are: the two coordinate systems of maps in China, the outlines of zones, and which zone a position lies in.
//! Positions are (latitude, longitude) in degrees, as everywhere in this crate. Knows nothing of how a map is drawn.

pub mod gcj;
pub mod geojson;
pub mod outline;

use serde::{Deserialize, Serialize};

use crate::id::ZoneId;
use outline::{Outline, Spot};

/// A zone as phones get it with the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneOutline {
    pub zone: ZoneId,
    pub outline: Outline,
}

/// The zone that a position lies in; where outlines overlap, the smallest, for a small zone is cut out of a large one.
pub fn zone_at(outlines: &[ZoneOutline], position: (f64, f64)) -> Option<ZoneId> {
    let spot = Spot::of(position)?;
    let around = outlines.iter().filter(|zone| zone.outline.contains(spot));
    around.min_by_key(|zone| (zone.outline.area(), zone.zone)).map(|zone| zone.zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::outline::tests::square;

    #[test]
    fn a_position_lies_in_the_smallest_zone_around_it_or_in_none() {
        let zones = [(1, square(0, 100)), (2, square(10, 20)), (3, square(200, 10))];
        let zones = zones.map(|(zone, outline)| ZoneOutline { zone: ZoneId(zone), outline });
        let at = |units: f64| zone_at(&zones, (units / 1e5, units / 1e5)).map(|zone| zone.0);
        assert_eq!([at(5.0), at(15.0), at(205.0), at(150.0), at(f64::NAN)], [Some(1), Some(2), Some(3), None, None]);
    }
}
