//! Where the invented zones lie: cells of a crooked grid, whose neighbours share their borders.

use xiaohao_shared::geo::ZoneOutline;
use xiaohao_shared::geo::outline::{Flaw, Outline, Spot};
use xiaohao_shared::id::ZoneId;

use super::chance;

/// Units of 1e-5 degrees.
const CELL: i32 = 1_000;
const SOUTH_WEST: Spot = Spot { lon: 11_430_000, lat: 3_055_000 };
/// How far a border may stray; the issues of a zone keep away from it by more.
const STRAY: i32 = 90;

/// Corner of the grid: row from the south, column from the west.
type Corner = (i32, i32);

/// The cell that a zone's issues are reported from: its south-western corner.
pub fn cell(zone: u32) -> Corner {
    ((zone / 4) as i32, (zone % 4) as i32)
}

pub fn outline(zone: u32) -> Result<ZoneOutline, Flaw> {
    let (row, column) = cell(zone);
    let corners = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)];
    let sides = (0..4).flat_map(|at| side(corners[at], corners[(at + 1) % 4]));
    Ok(ZoneOutline { zone: ZoneId(zone), outline: Outline::new(vec![vec![sides.collect()]])? })
}

/// From a corner to just before the next, through the same points from whichever zone one comes.
fn side(from: Corner, to: Corner) -> Vec<Spot> {
    let steps = [0, 1, 2, 3];
    if from < to {
        return steps.map(|step| spot(from, to, step)).to_vec();
    }
    steps.map(|step| spot(to, from, 4 - step)).to_vec()
}

fn spot((row, column): Corner, to: Corner, quarter: i32) -> Spot {
    let along = |from: i32, to: i32| from * CELL + (to - from) * CELL * quarter / 4;
    let (north, east) = (along(row, to.0), along(column, to.1));
    let stray = |label| (chance(label, (north * 100_000 + east) as u64) % (2 * STRAY as u64)) as i32 - STRAY;
    Spot { lon: SOUTH_WEST.lon + east + stray("east"), lat: SOUTH_WEST.lat + north + stray("north") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_invented_zone_has_an_outline_around_its_own_middle_and_no_others() {
        let outlines: Vec<_> = (1..=12).map(|zone| outline(zone).unwrap()).collect();
        for zone in 1..=12 {
            let (row, column) = cell(zone);
            let middle =
                Spot { lon: SOUTH_WEST.lon + column * CELL + CELL / 2, lat: SOUTH_WEST.lat + row * CELL + CELL / 2 };
            let around = outlines.iter().filter(|outline| outline.outline.contains(middle));
            assert_eq!(around.map(|outline| outline.zone.0).collect::<Vec<_>>(), [zone]);
        }
    }
}
