//! From what a camera gives to what travels: at most 1600 pixels and 200 KB, and a thumbnail of at most 15 KB.
//! Everything is encoded anew, so position and serial number in the EXIF stay behind, and so does what was drawn over in
//! between. Must not store anything.

pub mod mosaic;
pub mod stamp;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use wasm_bindgen::{JsCast, JsError};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, File, HtmlCanvasElement, ImageBitmap};
use xiaohao_shared::id::PhotoId;

use crate::browser;

const MIME: &str = "image/jpeg";
const PHOTO: Bounds = Bounds { edge: 1600, bytes: 200_000, first_quality: 0.86 };
const THUMB: Bounds = Bounds { edge: 320, bytes: 15_000, first_quality: 0.7 };
/// Below this a picture is made smaller instead: blocks hide more than a missing pixel.
const LEAST_QUALITY: f64 = 0.45;
const QUALITY_STEP: f64 = 0.1;
const SHRINK: f64 = 0.8;
/// A picture that does not fit by then is noise.
const LEAST_EDGE: u32 = 64;

struct Bounds {
    edge: u32,
    bytes: usize,
    first_quality: f64,
}

/// A picture as it is stored and sent.
pub struct Picture {
    pub id: PhotoId,
    pub bytes: Vec<u8>,
    pub mime: &'static str,
    pub w: u32,
    pub h: u32,
}

#[wasm_bindgen]
extern "C" {
    // In web-sys this takes no options for files.
    #[wasm_bindgen(catch, js_name = createImageBitmap)]
    fn create_image_bitmap(file: &Blob, options: &JsValue) -> Result<js_sys::Promise, JsValue>;
}

/// The picture upright and in the size that travels, to be drawn on; nothing else remembers it.
pub async fn open(file: &File) -> Result<HtmlCanvasElement, JsValue> {
    // Old cameras write the picture lying on its side and say so in the EXIF, which will be gone.
    let upright = browser::object([("imageOrientation", "from-image".into())]);
    let bitmap: ImageBitmap = JsFuture::from(create_image_bitmap(file, &upright)?).await?.unchecked_into();
    let canvas = unfold(&bitmap);
    bitmap.close();
    canvas
}

/// The photo and its thumbnail, as the canvas shows them now.
pub async fn develop(canvas: &HtmlCanvasElement) -> Result<(Picture, Picture), JsValue> {
    Ok((make(canvas, &PHOTO).await?, make(canvas, &THUMB).await?))
}

/// Lowers quality in steps, then size, until the bytes fit.
async fn make(picture: &HtmlCanvasElement, bounds: &Bounds) -> Result<Picture, JsValue> {
    let mut edge = bounds.edge;
    while edge >= LEAST_EDGE {
        let canvas = scaled(picture, edge)?;
        let mut quality = bounds.first_quality;
        while quality >= LEAST_QUALITY {
            let bytes = encode(&canvas, quality).await?;
            if bytes.len() <= bounds.bytes {
                let id = PhotoId(browser::sha256(&bytes).await?);
                return Ok(Picture { id, bytes, mime: MIME, w: canvas.width(), h: canvas.height() });
            }
            quality -= QUALITY_STEP;
        }
        edge = (f64::from(edge) * SHRINK) as u32;
    }
    Err(JsError::new("the picture does not get small enough").into())
}

fn unfold(bitmap: &ImageBitmap) -> Result<HtmlCanvasElement, JsValue> {
    let (w, h) = fit(bitmap.width(), bitmap.height(), PHOTO.edge);
    let canvas = blank(w, h)?;
    pen(&canvas)?.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, w.into(), h.into())?;
    Ok(canvas)
}

fn scaled(picture: &HtmlCanvasElement, edge: u32) -> Result<HtmlCanvasElement, JsValue> {
    let (w, h) = fit(picture.width(), picture.height(), edge);
    resized(picture, w, h)
}

fn resized(picture: &HtmlCanvasElement, w: u32, h: u32) -> Result<HtmlCanvasElement, JsValue> {
    let canvas = blank(w, h)?;
    pen(&canvas)?.draw_image_with_html_canvas_element_and_dw_and_dh(picture, 0.0, 0.0, w.into(), h.into())?;
    Ok(canvas)
}

/// White, because transparent pixels would become black in a JPEG.
fn blank(w: u32, h: u32) -> Result<HtmlCanvasElement, JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::UNDEFINED)?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    canvas.set_width(w);
    canvas.set_height(h);
    let pen = pen(&canvas)?;
    pen.set_fill_style_str("#fff");
    pen.fill_rect(0.0, 0.0, w.into(), h.into());
    pen.set_image_smoothing_enabled(true);
    Ok(canvas)
}

fn pen(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d, JsValue> {
    Ok(canvas.get_context("2d")?.ok_or(JsValue::UNDEFINED)?.unchecked_into())
}

/// The size at which the longer edge is at most `edge`; nothing is enlarged.
fn fit(w: u32, h: u32, edge: u32) -> (u32, u32) {
    let scale = (f64::from(edge) / f64::from(w.max(h).max(1))).min(1.0);
    let scaled = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    (scaled(w), scaled(h))
}

async fn encode(canvas: &HtmlCanvasElement, quality: f64) -> Result<Vec<u8>, JsValue> {
    let (done, wait) = futures_channel::oneshot::channel();
    let done = Closure::once_into_js(move |blob: Option<Blob>| {
        let _ = done.send(blob);
    });
    canvas.to_blob_with_type_and_encoder_options(done.unchecked_ref(), MIME, &quality.into())?;
    let blob = wait.await.ok().flatten().ok_or_else(|| JsError::new("the canvas gives no picture"))?;
    Ok(Uint8Array::new(&JsFuture::from(blob.array_buffer()).await?).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_fits_its_bounds_and_is_never_enlarged() {
        assert_eq!(fit(4000, 3000, 1600), (1600, 1200));
        assert_eq!(fit(3000, 4000, 1600), (1200, 1600));
        assert_eq!(fit(640, 480, 1600), (640, 480));
        assert_eq!(fit(10_000, 1, 1600), (1600, 1));
    }
}
