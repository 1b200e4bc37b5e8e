//! Found and struck off by month as bars, in SVG: it prints sharply, and a browser needs no code to show it.

use plotters::prelude::*;
use xiaohao_shared::api::Flow;
use xiaohao_shared::model::settlement::Month;

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

fn draw(svg: &mut String, months: &[(Month, Flow)]) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
    let most = months.iter().map(|(_, flow)| flow.found.max(flow.struck)).max().unwrap_or(0).max(4) as f64;
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
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
        let months = [1, 2, 3, 4, 5, 6].map(|month| (Month { year: 2026, month }, Flow { found: 10, struck: 5 }));
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
}
