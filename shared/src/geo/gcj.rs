//! WGS-84, which satellites and this system's records speak, and GCJ-02, which public maps in China must be drawn in
//! (domain.md section 6.2). Positions are stored as they came and converted only to be shown.

use std::f64::consts::PI;

/// The ellipsoid of Krasovsky, as the transformation uses it.
const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;

/// Outside this rectangle the two are the same.
fn is_in_china((lat, lon): (f64, f64)) -> bool {
    (0.8293..=55.8271).contains(&lat) && (72.004..=137.8347).contains(&lon)
}

pub fn gcj_from_wgs(position: (f64, f64)) -> (f64, f64) {
    if !is_in_china(position) {
        return position;
    }
    let (north, east) = offset(position);
    (position.0 + north, position.1 + east)
}

/// The position that is moved to this one, to a tenth of a millimetre.
pub fn wgs_from_gcj(position: (f64, f64)) -> (f64, f64) {
    if !is_in_china(position) {
        return position;
    }
    let mut found = position;
    for _ in 0..12 {
        let (north, east) = offset(found);
        found = (position.0 - north, position.1 - east);
    }
    found
}

/// Degrees by which a position is moved.
fn offset((lat, lon): (f64, f64)) -> (f64, f64) {
    let (x, y) = (lon - 105.0, lat - 35.0);
    let (north, east) = (northward(x, y), eastward(x, y));
    let radians = lat.to_radians();
    let magic = 1.0 - ECCENTRICITY_SQUARED * radians.sin().powi(2);
    let meridian = AXIS * (1.0 - ECCENTRICITY_SQUARED) / (magic * magic.sqrt()) * PI / 180.0;
    let parallel = AXIS / magic.sqrt() * radians.cos() * PI / 180.0;
    (north / meridian, east / parallel)
}

/// Metres.
fn northward(x: f64, y: f64) -> f64 {
    let plain = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt();
    plain + ripples(x) + waves(y, [20.0, 40.0, 160.0, 320.0], [1.0, 3.0, 12.0, 30.0])
}

/// Metres.
fn eastward(x: f64, y: f64) -> f64 {
    let plain = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt();
    plain + ripples(x) + waves(x, [20.0, 40.0, 150.0, 300.0], [1.0, 3.0, 12.0, 30.0])
}

fn ripples(x: f64) -> f64 {
    (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0
}

fn waves(at: f64, heights: [f64; 4], lengths: [f64; 4]) -> f64 {
    let waves = heights.iter().zip(lengths).map(|(height, length)| height * (at / length * PI).sin());
    waves.sum::<f64>() * 2.0 / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::distance_m;
    use proptest::prelude::*;

    /// Baidu's own step on top of GCJ-02; only here, because the published vector ends there.
    fn bd09_from_gcj((lat, lon): (f64, f64)) -> (f64, f64) {
        let step = PI * 3_000.0 / 180.0;
        let radius = lon.hypot(lat) + 0.000_02 * (lat * step).sin();
        let angle = lat.atan2(lon) + 0.000_003 * (lon * step).cos();
        (radius * angle.sin() + 0.006, radius * angle.cos() + 0.0065)
    }

    #[test]
    fn the_published_vectors_are_met() {
        let baidu = bd09_from_gcj(gcj_from_wgs((39.914266, 116.403988)));
        assert!(distance_m(baidu, (39.92196580126834, 116.41661560068297)) < 0.001, "{baidu:?}");
        // This one was made by an inverse that stops within a millionth of a degree.
        let wgs = wgs_from_gcj((45.0, 123.0));
        assert!(distance_m(wgs, (44.99804071, 122.99395597)) < 0.1, "{wgs:?}");
    }

    #[test]
    fn the_offset_is_some_hundred_metres_in_china_and_none_elsewhere() {
        let cities = [(39.9, 116.4), (31.2, 121.5), (30.6, 114.3), (43.8, 87.6), (23.1, 113.3), (45.8, 126.6)];
        for city in cities {
            let moved = distance_m(city, gcj_from_wgs(city));
            assert!((100.0..900.0).contains(&moved), "{city:?} moves by {moved} m");
        }
        for elsewhere in [(48.85, 2.35), (-33.9, 151.2), (35.7, 139.7)] {
            assert_eq!((gcj_from_wgs(elsewhere), wgs_from_gcj(elsewhere)), (elsewhere, elsewhere));
        }
    }

    proptest! {
        #[test]
        fn there_and_back_is_where_one_was(lat in 3.5..53.5, lon in 73.5..135.0) {
            let back = wgs_from_gcj(gcj_from_wgs((lat, lon)));
            prop_assert!(distance_m(back, (lat, lon)) < 0.001, "{:?}", back);
        }
    }
}
