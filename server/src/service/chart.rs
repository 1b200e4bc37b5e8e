//! Charts of months: found and struck off as bars, an indicator as a line. In SVG, which prints sharply and which a browser shows
//! without code, and the bars as PNG for documents. Knows numbers, not what they are asked for.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use plotters::prelude::*;
use xiaohao_shared::api::Flow;
use xiaohao_shared::model::settlement::Month;

/// Of a line among others, in pixels.
const SMALL: (u32, u32) = (480, 200);
/// Of the picture in a document, in pixels: a month has the same share of the width as its cell in the table below.
pub const PRINTED: (u32, u32) = (1680, 480);
/// Pixels.
const SIZE: (u32, u32) = (960, 320);
/// As on the page: red for found, green for struck off.
const FOUND: RGBColor = RGBColor(168, 28, 28);
const STRUCK: RGBColor = RGBColor(15, 92, 74);
/// Of the width of a month.
const BAR: f64 = 0.35;

/// What of a month a bar shows.
type Count = fn(&Flow) -> u64;

/// Empty where nothing can be drawn; the page has the numbers as a table, too.
pub fn bars(months: &[(Month, Flow)]) -> String {
    let mut svg = String::new();
    match draw(&mut svg, months) {
        Ok(()) => svg,
        Err(error) => {
            tracing::warn!(%error, "the chart was not drawn");
            String::new()
        }
    }
}

/// The months of an indicator as a line, with a gap where there was nothing to measure. A rate has the same height in each chart.
pub fn line(months: &[(Month, Option<f64>)], is_rate: bool) -> String {
    let mut svg = String::new();
    match draw_line(&mut svg, months, is_rate) {
        Ok(()) => svg,
        Err(error) => {
            tracing::warn!(%error, "the line was not drawn");
            String::new()
        }
    }
}

fn draw_line(
    svg: &mut String,
    months: &[(Month, Option<f64>)],
    is_rate: bool,
) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
    let most = months.iter().filter_map(|(_, value)| *value).fold(0.0, f64::max);
    let top = if is_rate { 1.0 } else { most.max(4.0) };
    let area = SVGBackend::with_string(svg, SMALL).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(10)
        .margin_right(32)
        .x_label_area_size(28)
        .y_label_area_size(56)
        .build_cartesian_2d(-0.3..months.len().max(1) as f64 - 0.7, 0.0..top * 1.05)?;
    // Every third month is named: all of them would not fit.
    let named = |x: &f64| {
        let at = x.round();
        let month = months.get(at as usize).filter(|_| (x - at).abs() < 0.01 && at >= 0.0 && at as usize % 3 == 2);
        month.map(|(month, _)| month.to_string()).unwrap_or_default()
    };
    let height = |y: &f64| if is_rate { format!("{:.0}%", y * 100.0) } else { format!("{y:.0}") };
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh().x_labels(months.len() + 1).x_label_formatter(&named).y_labels(4).y_label_formatter(&height);
    mesh.light_line_style(WHITE).label_style(("sans-serif", 15)).draw()?;
    let points = months.iter().enumerate().map(|(at, (_, value))| value.map(|value| (at as f64, value)));
    let points: Vec<Option<(f64, f64)>> = points.collect();
    for run in points.split(Option::is_none).filter(|run| !run.is_empty()) {
        let run: Vec<(f64, f64)> = run.iter().flatten().copied().collect();
        chart.draw_series([PathElement::new(run.clone(), STRUCK.stroke_width(3))])?;
        chart.draw_series(run.into_iter().map(|point| Circle::new(point, 4, STRUCK.filled())))?;
    }
    area.present()
}

/// The bars without any words, which the document writes as its own text below them; `None` for no months.
pub fn printed(months: &[(Month, Flow)]) -> Option<Vec<u8>> {
    let (width, height) = PRINTED;
    let most = months.iter().map(|(_, flow)| flow.found.max(flow.struck)).max()?.max(1);
    let slot = width / u32::try_from(months.len()).ok()?;
    let mut picture = RgbImage::from_pixel(width, height, Rgb([255, 255, 255]));
    for (at, (_, flow)) in (0..).zip(months) {
        for (colour, value, left) in [(FOUND, flow.found, slot * 3 / 20), (STRUCK, flow.struck, slot / 2)] {
            let tall = u32::try_from(u64::from(height - FOOT) * value / most).ok()?;
            let (x, y) = (at * slot + left, height - FOOT - tall);
            fill(&mut picture, (x, y), (slot * 7 / 20, tall), colour);
        }
    }
    fill(&mut picture, (0, height - FOOT), (width, FOOT), BLACK);
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

/// The line on which the bars stand, in pixels.
const FOOT: u32 = 4;

fn fill(picture: &mut RgbImage, (left, top): (u32, u32), (width, height): (u32, u32), RGBColor(r, g, b): RGBColor) {
    for (x, y) in (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y))) {
        picture.put_pixel(x, y, Rgb([r, g, b]));
    }
}

fn draw(svg: &mut String, months: &[(Month, Flow)]) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
    let most = months.iter().map(|(_, flow)| flow.found.max(flow.struck)).max().unwrap_or(0).max(4) as f64;
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .margin_right(32)
        .x_label_area_size(32)
        .y_label_area_size(64)
        .build_cartesian_2d(-0.5..months.len().max(1) as f64 - 0.5, 0.0..most * 1.05)?;
    let name = |x: &f64| {
        let at = x.round();
        let month = months.get(at as usize).filter(|_| (x - at).abs() < 0.01 && at >= 0.0);
        month.map(|(month, _)| month.to_string()).unwrap_or_default()
    };
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh().x_labels(months.len() + 1).x_label_formatter(&name);
    mesh.light_line_style(WHITE).y_label_formatter(&|y| format!("{y:.0}")).label_style(("sans-serif", 16)).draw()?;
    let series: [(RGBColor, f64, Count); 2] = [(FOUND, -BAR, |flow| flow.found), (STRUCK, 0.0, |flow| flow.struck)];
    for (colour, left, value) in series {
        let bar = |(at, (_, flow)): (usize, &(Month, Flow))| {
            let x = at as f64 + left;
            Rectangle::new([(x, 0.0), (x + BAR, value(flow) as f64)], colour.filled())
        };
        chart.draw_series(months.iter().enumerate().map(bar))?;
    }
    area.present()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_month_has_its_name_and_two_bars() {
        let months = [1, 2, 3, 4, 5, 6]
            .map(|month| (Month { year: 2026, month }, Flow { found: 10, struck: 5, ..Flow::default() }));
        let svg = bars(&months);
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        for (month, _) in months {
            assert!(svg.contains(&month.to_string()), "{month}: {svg}");
        }
        for colour in ["#A81C1C", "#0F5C4A"] {
            assert_eq!(svg.matches(colour).count(), 6, "{colour}");
        }
        assert!(bars(&[]).contains("</svg>"), "a report of nothing is drawn, too");
    }

    #[test]
    fn a_line_has_a_point_for_each_month_that_was_measured_and_a_gap_for_the_others() {
        let values = [Some(0.5), None, Some(1.0), Some(0.25)];
        let months = [1, 2, 3, 4].map(|month| Month { year: 2026, month });
        let svg = line(&months.into_iter().zip(values).collect::<Vec<_>>(), true);
        assert!(svg.contains("100%") && svg.contains("2026-03"), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(line(&[], false).contains("</svg>"));
    }

    #[test]
    fn the_printed_bars_are_as_high_as_what_they_count() {
        let flows = [(10, 0), (5, 10)].map(|(found, struck)| Flow { found, struck, ..Flow::default() });
        let months = [1, 2].map(|month| Month { year: 2026, month });
        let png = printed(&months.into_iter().zip(flows).collect::<Vec<_>>()).unwrap();
        let picture = image::load_from_memory(&png).unwrap().to_rgb8();
        let high = |RGBColor(r, g, b)| picture.pixels().filter(|pixel| pixel.0 == [r, g, b]).count();
        assert_eq!(picture.dimensions(), PRINTED);
        let (found, struck) = (high(FOUND), high(STRUCK));
        assert!((struck..=struck * 3 / 2).contains(&found), "15 found, 10 struck: {found} {struck}");
        assert_eq!(printed(&[]), None);
    }
}
