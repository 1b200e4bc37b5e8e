//! The outline of a zone: polygons with holes, in whole units of a hundred-thousandth of a degree, about a metre. Whole numbers
//! make every answer exact, and as differences they travel cheaply.

mod simplify;
#[cfg(test)]
pub(super) mod tests;

use serde::{Deserialize, Serialize};

/// Of a degree.
const UNITS: f64 = 1e5;
/// Corners of one zone.
pub const MAX_POINTS: usize = 5_000;

/// A corner. Ordered from west to east.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub lon: i32,
    pub lat: i32,
}

impl Spot {
    /// `None` where there is no such place.
    pub fn of((lat, lon): (f64, f64)) -> Option<Self> {
        let is_place = lat.abs() <= 90.0 && lon.abs() <= 180.0;
        is_place.then(|| Self { lon: (lon * UNITS).round() as i32, lat: (lat * UNITS).round() as i32 })
    }

    /// (Latitude, longitude).
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.lat) / UNITS, f64::from(self.lon) / UNITS)
    }

    /// Twice the area of the triangle with two others: positive where it is walked against the clock.
    fn turn(self, a: Self, b: Self) -> i64 {
        let by = |spot: Self| (i64::from(spot.lon) - i64::from(self.lon), i64::from(spot.lat) - i64::from(self.lat));
        let ((ax, ay), (bx, by)) = (by(a), by(b));
        ax * by - ay * bx
    }
}

/// Its corners; the first does not come again at the end.
pub type Ring = Vec<Spot>;
/// A ring and the holes in it.
pub type Polygon = Vec<Ring>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Packed", into = "Packed")]
pub struct Outline(Vec<Polygon>);

/// Each ring as `[lon, lat, Δlon, Δlat, …]`.
type Packed = Vec<Vec<Vec<i32>>>;

/// What makes rings no outline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    #[error("a ring has fewer than three different corners")]
    FewPoints,
    #[error("more than {MAX_POINTS} corners")]
    TooManyPoints,
    /// All corners on one line, or one line walked there and back.
    #[error("it has no area")]
    NoArea,
    #[error("it crosses itself at {0} {1}")]
    Crossing(f64, f64),
}

#[derive(Debug, thiserror::Error)]
#[error("not the outline of a zone")]
pub struct NoOutline;

impl Outline {
    pub fn new(polygons: Vec<Polygon>) -> Result<Self, Flaw> {
        let points: usize = polygons.iter().flatten().map(Vec::len).sum();
        if polygons.is_empty() || polygons.iter().any(Vec::is_empty) || polygons.iter().flatten().any(|it| it.len() < 3)
        {
            return Err(Flaw::FewPoints);
        }
        if points > MAX_POINTS {
            return Err(Flaw::TooManyPoints);
        }
        if let Some((lat, lon)) = polygons.iter().find_map(|polygon| crossing(polygon)) {
            return Err(Flaw::Crossing(lat, lon));
        }
        let has_area = polygons.iter().flatten().all(|ring| area(ring) != 0);
        if has_area { Ok(Self(polygons)) } else { Err(Flaw::NoArea) }
    }

    pub fn polygons(&self) -> &[Polygon] {
        &self.0
    }

    pub fn points(&self) -> usize {
        self.0.iter().flatten().map(Vec::len).sum()
    }

    /// Whether a spot lies inside. A border belongs to one of the two that it divides, never to both.
    pub fn contains(&self, spot: Spot) -> bool {
        let is_odd = |polygon: &Polygon| {
            polygon.iter().flat_map(|ring| sides(ring)).filter(|side| is_west(*side, spot)).count() % 2 == 1
        };
        self.0.iter().any(is_odd)
    }

    /// In half square units; only good for telling which of two is larger.
    pub fn area(&self) -> i64 {
        let net = |polygon: &Polygon| {
            let mut areas = polygon.iter().map(|ring| area(ring).abs());
            areas.next().unwrap_or(0) - areas.sum::<i64>()
        };
        self.0.iter().map(net).fold(0, i64::saturating_add)
    }

    /// The same with as few corners as keep it within `tolerance` units; as it is where that would cross itself.
    pub fn simplified(self, tolerance: i32) -> Self {
        let ring = |ring: &Ring| simplify::ring(ring, tolerance);
        let polygons = self.0.iter().map(|polygon| polygon.iter().map(ring).collect()).collect();
        Self::new(polygons).unwrap_or(self)
    }
}

impl From<Outline> for Packed {
    fn from(outline: Outline) -> Self {
        outline.0.iter().map(|polygon| polygon.iter().map(|ring| packed(ring)).collect()).collect()
    }
}

/// Does not look for crossings again: whoever imported it has.
impl TryFrom<Packed> for Outline {
    type Error = NoOutline;

    fn try_from(packed: Packed) -> Result<Self, NoOutline> {
        let polygon = |polygon: &Vec<Vec<i32>>| polygon.iter().map(|ring| unpacked(ring)).collect::<Option<Polygon>>();
        let polygons = packed.iter().map(polygon).collect::<Option<Vec<_>>>().ok_or(NoOutline)?;
        Ok(Self(polygons))
    }
}

fn packed(ring: &[Spot]) -> Vec<i32> {
    let mut last = Spot { lon: 0, lat: 0 };
    let differ = |spot: &Spot| {
        let difference = [spot.lon - last.lon, spot.lat - last.lat];
        last = *spot;
        difference
    };
    ring.iter().flat_map(differ).collect()
}

fn unpacked(numbers: &[i32]) -> Option<Ring> {
    let (mut lon, mut lat) = (0_i32, 0_i32);
    let mut ring = Vec::new();
    for pair in numbers.chunks(2) {
        let [east, north] = pair else { return None };
        (lon, lat) = (lon.checked_add(*east)?, lat.checked_add(*north)?);
        ring.push(Spot::of((f64::from(lat) / UNITS, f64::from(lon) / UNITS))?);
    }
    Some(ring).filter(|ring| ring.len() >= 3)
}

type Side = (Spot, Spot);

fn sides(ring: &[Spot]) -> impl Iterator<Item = Side> + '_ {
    let next = ring.iter().cycle().skip(1);
    ring.iter().copied().zip(next.copied())
}

/// Twice the area, positive against the clock.
fn area(ring: &[Spot]) -> i64 {
    let Some(first) = ring.first() else { return 0 };
    sides(ring).map(|(a, b)| first.turn(a, b)).sum()
}

/// Whether a line from the spot to the west meets the side. The lower end counts, the upper does not, so that a corner counts once.
fn is_west((a, b): Side, spot: Spot) -> bool {
    let (low, high) = if a.lat < b.lat { (a, b) } else { (b, a) };
    (low.lat..high.lat).contains(&spot.lat) && low.turn(high, spot) < 0
}

/// Where two sides of a polygon cross, in degrees. Corners may touch: rounding to whole units makes them.
fn crossing(polygon: &[Ring]) -> Option<(f64, f64)> {
    let west = |(a, b): Side| a.lon.min(b.lon);
    let mut all: Vec<Side> = polygon.iter().flat_map(|ring| sides(ring)).collect();
    all.sort_by_key(|side| west(*side));
    all.iter().enumerate().find_map(|(at, one)| {
        let east = one.0.lon.max(one.1.lon);
        let mut near = all[at + 1..].iter().take_while(|other| west(**other) <= east);
        near.find_map(|other| meeting(*one, *other))
    })
}

fn meeting((a, b): Side, (c, d): Side) -> Option<(f64, f64)> {
    let apart = |x: i64, y: i64| (x > 0 && y < 0) || (x < 0 && y > 0);
    let (from, to) = (c.turn(d, a), c.turn(d, b));
    if !apart(from, to) || !apart(a.turn(b, c), a.turn(b, d)) {
        return None;
    }
    let share = from as f64 / (from as f64 - to as f64);
    let ((lat, lon), (end_lat, end_lon)) = (a.degrees(), b.degrees());
    Some((lat + (end_lat - lat) * share, lon + (end_lon - lon) * share))
}
