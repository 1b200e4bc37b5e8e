//! Invented photos: an alley wall with something in front of it, and the same wall clean. Drawn once, stored like any photo.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ImageError, Rgb, RgbImage, imageops};
use xiaohao_shared::id::{DeviceId, PhotoId};
use xiaohao_shared::model::{Photo, Stage};

use super::chance;
use crate::service::{Service, ServiceError, photos};

/// A stored picture before and after, with what a document says of each; author and time are the story's.
pub struct Pair {
    pub before: (PhotoId, Photo),
    pub after: (PhotoId, Photo),
}

const PAIRS: u64 = 16;
const WIDTH: u32 = 960;
const HEIGHT: u32 = 720;

pub async fn store(service: &Service, device: DeviceId) -> Result<Vec<Pair>, ServiceError> {
    let mut pairs = Vec::new();
    for number in 0..PAIRS {
        let before = keep(service, device, &draw(number, true), Stage::Before).await?;
        let after = keep(service, device, &draw(number, false), Stage::After).await?;
        pairs.push(Pair { before, after });
    }
    Ok(pairs)
}

async fn keep(
    service: &Service,
    device: DeviceId,
    picture: &RgbImage,
    stage: Stage,
) -> Result<(PhotoId, Photo), ServiceError> {
    let full = jpeg(picture, 78).map_err(ServiceError::unwritable)?;
    let small = imageops::thumbnail(picture, 240, 180);
    let thumb = jpeg(&small, 60).map_err(ServiceError::unwritable)?;
    let size = full.len() as u64;
    let id = photos::store(service, device, full.into()).await?;
    let thumb = photos::store(service, device, thumb.into()).await?;
    let photo = Photo {
        stage,
        by: xiaohao_shared::id::PersonId(0),
        taken_at: Default::default(),
        w: WIDTH,
        h: HEIGHT,
        size,
        mime: "image/jpeg".into(),
        thumb: Some(thumb),
    };
    Ok((id, photo))
}

fn jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))?;
    Ok(bytes.into_inner())
}

/// Sky, a brick wall, a pavement; and a heap of coloured boxes while the issue is there.
fn draw(number: u64, dirty: bool) -> RgbImage {
    let tone = (chance("wall", number) % 60) as u8;
    let mut picture = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| scene(x, y, tone));
    let heap = if dirty { 18 } else { 0 };
    for item in 0..heap {
        let random = chance("heap", number * 100 + item);
        let (w, h) = (40 + (random % 120) as u32, 30 + (random >> 8) as u32 % 110);
        let x = 200 + (random >> 16) as u32 % 420;
        let y = 640 - h - (random >> 24) as u32 % 90;
        let color = Rgb([(random >> 32) as u8 / 2 + 40, (random >> 40) as u8 / 2 + 30, (random >> 48) as u8 / 3 + 20]);
        block(&mut picture, (x, y), (w, h), color);
    }
    picture
}

fn scene(x: u32, y: u32, tone: u8) -> Rgb<u8> {
    let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503) ^ (x * y)) as u8 % 9;
    match y {
        0..150 => Rgb([168 + grain, 190 + grain, 205 + grain]),
        150..560 => {
            let mortar = y % 34 < 3 || (x + (y / 34 % 2) * 40) % 80 < 3;
            let base = if mortar { 150 } else { 118 + tone / 2 };
            Rgb([base + grain, base - 26 + grain, base - 40 + grain])
        }
        _ => Rgb([112 + tone / 3 + grain, 110 + tone / 3 + grain, 106 + tone / 3 + grain]),
    }
}

fn block(picture: &mut RgbImage, (x, y): (u32, u32), (w, h): (u32, u32), color: Rgb<u8>) {
    for (dx, dy) in (0..h).flat_map(|dy| (0..w).map(move |dx| (dx, dy))) {
        let edge = dx < 3 || dy < 3 || dx + 3 >= w || dy + 3 >= h;
        let shade = if edge { color.0.map(|channel| channel / 2) } else { color.0 };
        picture.put_pixel((x + dx).min(WIDTH - 1), (y + dy).min(HEIGHT - 1), Rgb(shade));
    }
}
