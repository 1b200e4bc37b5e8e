use proptest::prelude::*;

use super::{Flaw, MAX_POINTS, Outline, Ring, Spot};

pub fn spot(lon: i32, lat: i32) -> Spot {
    Spot { lon, lat }
}

pub fn ring(corners: &[(i32, i32)]) -> Ring {
    corners.iter().map(|(lon, lat)| spot(*lon, *lat)).collect()
}

/// With its south-western corner on the diagonal.
pub fn square(from: i32, size: i32) -> Outline {
    Outline::new(vec![vec![box_of(from, size)]]).unwrap()
}

fn box_of(from: i32, size: i32) -> Ring {
    let to = from + size;
    ring(&[(from, from), (to, from), (to, to), (from, to)])
}

/// A ring around the middle, whose corners are so far from it.
fn star(radii: &[i32]) -> Ring {
    let corner = |(at, radius): (usize, &i32)| {
        let angle = at as f64 / radii.len() as f64 * std::f64::consts::TAU;
        let by = |part: f64| (part * f64::from(*radius)).round() as i32;
        spot(11_430_000 + by(angle.cos()), 3_055_000 + by(angle.sin()))
    };
    radii.iter().enumerate().map(corner).collect()
}

#[test]
fn what_is_in_a_hole_or_between_two_parts_is_outside() {
    let outline = Outline::new(vec![vec![box_of(0, 100), box_of(40, 20)], vec![box_of(300, 10)]]).unwrap();
    let inside = |at| outline.contains(spot(at, at));
    assert_eq!([20, 50, 80, 200, 305].map(inside), [true, false, true, false, true]);
    assert_eq!(outline.area(), 2 * (100 * 100 - 20 * 20 + 10 * 10));
}

#[test]
fn a_border_belongs_to_one_of_two_neighbours() {
    let (west, east) = (ring(&[(0, 0), (10, 0), (10, 10), (0, 10)]), ring(&[(10, 0), (20, 0), (20, 10), (10, 10)]));
    let north = ring(&[(0, 10), (20, 10), (20, 20), (0, 20)]);
    let all = [west, east, north].map(|ring| Outline::new(vec![vec![ring]]).unwrap());
    for (lon, lat) in [(10, 5), (10, 10), (5, 10), (15, 10), (10, 1)] {
        let around = all.iter().filter(|outline| outline.contains(spot(lon, lat))).count();
        assert_eq!(around, 1, "{lon} {lat}");
    }
}

#[test]
fn a_ring_that_crosses_itself_is_told_where() {
    let bow = vec![vec![ring(&[(0, 0), (100, 100), (100, 0), (0, 200)])]];
    let Err(Flaw::Crossing(lat, lon)) = Outline::new(bow) else { panic!("it crosses itself") };
    assert!((lat - 0.00066).abs() < 0.00001 && (lon - 0.00066).abs() < 0.00001, "{lat} {lon}");
    let hole_across = vec![vec![box_of(0, 100), box_of(50, 100)]];
    assert!(matches!(Outline::new(hole_across), Err(Flaw::Crossing(..))));
    let touching = vec![vec![ring(&[(0, 0), (50, 50), (100, 0), (100, 100), (50, 50), (0, 100)])]];
    assert!(Outline::new(touching).is_ok(), "corners may touch");
}

#[test]
fn lines_points_and_endless_rings_are_no_outlines() {
    let flaw = |ring: Ring| Outline::new(vec![vec![ring]]).unwrap_err();
    assert_eq!(flaw(ring(&[(0, 0), (1, 1)])), Flaw::FewPoints);
    assert_eq!(Outline::new(vec![]), Err(Flaw::FewPoints));
    assert_eq!(flaw(ring(&[(0, 0), (10, 10), (20, 20)])), Flaw::NoArea);
    assert_eq!(flaw(star(&vec![9_000; MAX_POINTS + 1])), Flaw::TooManyPoints);
}

#[test]
fn it_travels_as_differences() {
    let outline =
        Outline::new(vec![vec![ring(&[(11_430_000, 3_055_000), (11_431_000, 3_055_000), (11_430_500, 3_056_000)])]]);
    let json = serde_json::to_string(&outline.unwrap()).unwrap();
    assert_eq!(json, "[[[11430000,3055000,1000,0,-500,1000]]]");
    for broken in ["[[[1,2,3]]]", "[[[1,2]]]", "[[[2147483647,0,1,0,1,1]]]", "[[[0,0,9100000,9100000,1,1]]]"] {
        assert!(serde_json::from_str::<Outline>(broken).is_err(), "{broken}");
    }
}

proptest! {
    #[test]
    fn every_outline_reads_back(radii in prop::collection::vec(50..5_000_i32, 3..60)) {
        let outline = Outline::new(vec![vec![star(&radii)]]);
        prop_assume!(outline.is_ok());
        let json = serde_json::to_string(outline.as_ref().unwrap()).unwrap();
        prop_assert_eq!(serde_json::from_str::<Outline>(&json).ok(), outline.ok());
    }

    /// The other way to know: how often a walk along the ring turns around the spot.
    #[test]
    fn inside_is_what_the_ring_winds_around(
        radii in prop::collection::vec(50..5_000_i32, 3..40), east in -5_000..5_000_i32, north in -5_000..5_000_i32
    ) {
        let ring = star(&radii);
        let outline = Outline::new(vec![vec![ring.clone()]]);
        prop_assume!(outline.is_ok());
        let at = spot(11_430_000 + east, 3_055_000 + north);
        let angle = |corner: &Spot| f64::from(corner.lat - at.lat).atan2(f64::from(corner.lon - at.lon));
        prop_assume!(super::sides(&ring).all(|(a, b)| a.turn(b, at) != 0));
        let turns: f64 = super::sides(&ring).map(|(a, b)| {
            let turn = angle(&b) - angle(&a);
            turn - (turn / std::f64::consts::TAU).round() * std::f64::consts::TAU
        }).sum();
        prop_assert_eq!(outline.unwrap().contains(at), turns.abs() > 3.0);
    }

    #[test]
    fn a_simplified_outline_has_fewer_corners_and_no_corner_is_far_from_it(
        radii in prop::collection::vec(800..840_i32, 60..300)
    ) {
        let outline = Outline::new(vec![vec![star(&radii)]]);
        prop_assume!(outline.is_ok());
        let outline = outline.unwrap();
        let simple = outline.clone().simplified(5);
        prop_assert!(simple.points() <= outline.points());
        let kept = &simple.polygons()[0][0];
        for corner in &outline.polygons()[0][0] {
            let nearest = super::sides(kept).map(|(a, b)| distance(*corner, a, b)).fold(f64::MAX, f64::min);
            prop_assert!(nearest <= 5.01, "{:?} is {} units away", corner, nearest);
        }
    }
}

/// From the side between two corners, not the line through them.
fn distance(spot: Spot, a: Spot, b: Spot) -> f64 {
    let by = |from: Spot, to: Spot| (f64::from(to.lon - from.lon), f64::from(to.lat - from.lat));
    let ((x, y), (dx, dy)) = (by(a, spot), by(a, b));
    let share = ((x * dx + y * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (x - dx * share).hypot(y - dy * share)
}
