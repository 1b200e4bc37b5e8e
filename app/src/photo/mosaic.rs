//! Hides faces and plates under coarse cells before anything is stored. A cell shows the mean of more than itself, so neither
//! more patience nor a better picture of the same plate gives back what was under it. Knows fingers only as lines on the canvas.

use std::collections::BTreeSet;

use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::{pen, resized};

/// Halvings from the picture to one pixel for each cell: a halving is an exact mean of four.
const HALVINGS: u32 = 6;
/// The edge of a cell, in pixels of the picture.
pub const CELL: u32 = 1 << HALVINGS;

/// A cell by column and row.
pub type Cell = (u32, u32);

/// A picture, and what is hidden of it, stroke by stroke.
pub struct Mosaic {
    /// What is shown and becomes the photo.
    pub canvas: HtmlCanvasElement,
    plain: HtmlCanvasElement,
    /// One pixel for each cell.
    cells: HtmlCanvasElement,
    strokes: Vec<BTreeSet<Cell>>,
}

impl Mosaic {
    pub fn over(canvas: HtmlCanvasElement) -> Result<Self, JsValue> {
        let plain = resized(&canvas, canvas.width(), canvas.height())?;
        let cells = means(&canvas)?;
        Ok(Self { canvas, plain, cells, strokes: Vec::new() })
    }

    /// A finger was put down.
    pub fn begin(&mut self) {
        self.strokes.push(BTreeSet::new());
    }

    /// It went from one point to another, covering what is nearer than `reach`.
    pub fn draw(&mut self, from: (f64, f64), to: (f64, f64), reach: f64) -> Result<(), JsValue> {
        let bounds = (self.cells.width(), self.cells.height());
        for cell in under(from, to, reach, bounds) {
            if self.strokes.last_mut().is_some_and(|stroke| stroke.insert(cell)) {
                self.hide(cell)?;
            }
        }
        Ok(())
    }

    pub fn take_back(&mut self) -> Result<(), JsValue> {
        self.strokes.pop();
        pen(&self.canvas)?.draw_image_with_html_canvas_element(&self.plain, 0.0, 0.0)?;
        let hidden: BTreeSet<Cell> = self.strokes.iter().flatten().copied().collect();
        hidden.into_iter().try_for_each(|cell| self.hide(cell))
    }

    fn hide(&self, (column, row): Cell) -> Result<(), JsValue> {
        let pen = pen(&self.canvas)?;
        pen.set_image_smoothing_enabled(false);
        let (edge, x, y) = (f64::from(CELL), f64::from(column), f64::from(row));
        pen.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            &self.cells,
            x,
            y,
            1.0,
            1.0,
            x * edge,
            y * edge,
            edge,
            edge,
        )
    }
}

/// One halving more than there are cells, and back: neighbours share what they show.
fn means(canvas: &HtmlCanvasElement) -> Result<HtmlCanvasElement, JsValue> {
    let (w, h) = (canvas.width().div_ceil(CELL), canvas.height().div_ceil(CELL));
    let mut small = resized(canvas, w << (HALVINGS - 1), h << (HALVINGS - 1))?;
    while small.width() > w {
        small = resized(&small, small.width() / 2, small.height() / 2)?;
    }
    let coarse = resized(&small, w.div_ceil(2), h.div_ceil(2))?;
    resized(&coarse, w, h)
}

/// The cells that a finger of this size covers on its way; `bounds` in cells.
fn under(from: (f64, f64), to: (f64, f64), reach: f64, bounds: (u32, u32)) -> BTreeSet<Cell> {
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    let steps = (length / (f64::from(CELL) / 2.0)).ceil().clamp(1.0, 400.0) as u32;
    let point = |step: u32| {
        let part = f64::from(step) / f64::from(steps);
        (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
    };
    (0..=steps).flat_map(|step| around(point(step), reach, bounds)).collect()
}

fn around((x, y): (f64, f64), reach: f64, (columns, rows): (u32, u32)) -> Vec<Cell> {
    let cell = f64::from(CELL);
    let span = |at: f64, count: u32| {
        let first = ((at - reach) / cell).floor().max(0.0) as u32;
        let last = ((at + reach) / cell).floor();
        if last < 0.0 { 0..0 } else { first..(last as u32 + 1).min(count) }
    };
    let gap = |at: f64, place: u32| {
        let low = f64::from(place) * cell;
        at - at.clamp(low, low + cell)
    };
    let rows = span(y, rows);
    let near = |column: u32, row: u32| gap(x, column).hypot(gap(y, row)) <= reach;
    let all = span(x, columns).flat_map(|column| rows.clone().map(move |row| (column, row)));
    all.filter(|(column, row)| near(*column, *row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: (u32, u32) = (25, 19);

    #[test]
    fn a_tap_hides_what_the_finger_touches_and_nothing_far_from_it() {
        let hidden = under((100.0, 100.0), (100.0, 100.0), 30.0, BOUNDS);
        assert_eq!(
            hidden,
            BTreeSet::from([(1, 1), (2, 1), (1, 2)]),
            "the corner of the fourth is farther than the finger reaches"
        );
    }

    #[test]
    fn a_fast_finger_leaves_no_gaps_between_two_points() {
        let hidden = under((32.0, 32.0), (1568.0, 32.0), 10.0, BOUNDS);
        assert_eq!(hidden, (0..25).map(|column| (column, 0)).collect());
    }

    #[test]
    fn a_finger_that_slides_off_the_picture_stays_within_it() {
        let hidden = under((1590.0, 1190.0), (5000.0, -4000.0), 40.0, BOUNDS);
        assert!(hidden.iter().all(|(column, row)| *column < 25 && *row < 19), "{hidden:?}");
        assert!(under((-500.0, -500.0), (-400.0, -400.0), 40.0, BOUNDS).is_empty());
    }
}
