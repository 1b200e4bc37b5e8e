//! Leaves corners out that nobody would miss (Douglas and Peucker).

use super::{Ring, Spot};

/// The corners that keep every other within `tolerance` units of the line. A ring keeps at least its three farthest.
pub fn ring(ring: &Ring, tolerance: i32) -> Ring {
    let Some(first) = ring.first().copied() else { return Ring::new() };
    // Begun at two corners that surely stay: the first, and the one farthest from it.
    let far = (0..ring.len()).max_by(|a, b| length(first, ring[*a]).total_cmp(&length(first, ring[*b]))).unwrap_or(0);
    let closed: Vec<Spot> = ring.iter().copied().chain([first]).collect();
    let mut stays = vec![false; closed.len()];
    (stays[0], stays[far]) = (true, true);
    let mut spans = vec![(0, far), (far, ring.len())];
    while let Some((from, to)) = spans.pop() {
        let between = (from + 1..to).map(|at| (at, distance(closed[at], closed[from], closed[to])));
        if let Some((at, _)) = between.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, off)| *off > f64::from(tolerance))
        {
            stays[at] = true;
            spans.extend([(from, at), (at, to)]);
        }
    }
    let kept: Ring = ring.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(spot, _)| *spot).collect();
    if kept.len() < 3 { ring.clone() } else { kept }
}

fn length(a: Spot, b: Spot) -> f64 {
    f64::from(b.lon - a.lon).hypot(f64::from(b.lat - a.lat))
}

/// From the side between two others.
fn distance(spot: Spot, a: Spot, b: Spot) -> f64 {
    let by = |to: Spot| (f64::from(to.lon - a.lon), f64::from(to.lat - a.lat));
    let ((x, y), (dx, dy)) = (by(spot), by(b));
    let square = dx * dx + dy * dy;
    let share = if square == 0.0 { 0.0 } else { ((x * dx + y * dy) / square).clamp(0.0, 1.0) };
    (x - dx * share).hypot(y - dy * share)
}
