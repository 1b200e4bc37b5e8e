//! The watermark: when, where and by whom, written into the picture itself. Knows nothing of what it says.

use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::pen;

/// Of the longer edge; still to be read on a phone.
const LETTER: f64 = 1.0 / 44.0;
const LINE: f64 = 1.4;

/// Writes the lines over the lower edge, white on a dark band, whatever the picture shows there. A long line is set closer.
pub fn stamp(canvas: &HtmlCanvasElement, lines: &[String]) -> Result<(), JsValue> {
    let (w, h) = (f64::from(canvas.width()), f64::from(canvas.height()));
    let size = (w.max(h) * LETTER).max(12.0);
    let band = size * LINE * lines.len() as f64 + size * 0.6;
    let pen = pen(canvas)?;
    pen.set_fill_style_str("rgba(0, 0, 0, 0.62)");
    pen.fill_rect(0.0, h - band, w, band);
    pen.set_fill_style_str("#fff");
    pen.set_font(&format!("{size}px system-ui, sans-serif"));
    pen.set_text_baseline("top");
    for (at, line) in lines.iter().enumerate() {
        let y = h - band + size * 0.5 + at as f64 * size * LINE;
        pen.fill_text_with_max_width(line, size * 0.6, y, w - size * 1.2)?;
    }
    Ok(())
}
