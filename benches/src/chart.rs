//! Charts: what an operation costs against the size, both logarithmic, a line for each library.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::report::{Cell, count, display};

/// The subject is black and thick. The others' colours are told apart by everybody's eyes.
const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 0, 0),
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
];

/// A library and its costs at each size.
type Line<'a> = (&'a str, Vec<(f64, f64)>);

/// The lines of one workload, the subject's first.
fn lines<'a>(cells: &[&'a Cell]) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    for cell in cells {
        let peers = cell
            .peers
            .iter()
            .filter_map(|peer| Some((&*peer.name, cell.figure / peer.ratio?)));
        for (name, cost) in [(&*cell.subject, cell.figure)].into_iter().chain(peers) {
            let point = (cell.size as f64, cost);
            match lines.iter_mut().find(|(line, _)| *line == name) {
                Some((_, points)) => points.push(point),
                None => lines.push((name, vec![point])),
            }
        }
    }
    lines
}

/// Draws the cells of one subject and workload, which differ in their size, to a file. The sizes
/// count `sizes`.
///
/// # Errors
///
/// When the file cannot be written.
pub fn draw(path: &Path, title: &str, sizes: &str, cells: &[&Cell]) -> crate::Result<()> {
    let drawn = draw_on(
        SVGBackend::new(path, (480, 340)),
        title,
        sizes,
        &lines(cells),
    );
    Ok(drawn.map_err(|error| format!("{}: {error}", path.display()))?)
}

fn draw_on<'a>(
    backend: SVGBackend<'a>,
    title: &str,
    sizes: &str,
    lines: &[Line<'_>],
) -> Result<(), Box<dyn Error + 'a>> {
    let points = || lines.iter().flat_map(|(_, points)| points);
    let (least, most) = ends(points().map(|point| point.0));
    let costs = ends(points().map(|point| point.1));
    let area = backend.into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 19))
        .margin(8)
        .margin_right(36)
        .x_label_area_size(40)
        .y_label_area_size(62)
        .build_cartesian_2d(
            (least..most).log_scale(),
            (round(costs.0, false)..round(costs.1, true)).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc(sizes)
        .x_label_formatter(&|size| count(size.round() as u64))
        .y_label_formatter(&|cost| label(*cost))
        .light_line_style(TRANSPARENT)
        .label_style(("sans-serif", 14))
        .draw()?;
    for (number, (name, points)) in lines.iter().enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        let style = colour.stroke_width(if number == 0 { 3 } else { 2 });
        chart
            .draw_series(LineSeries::new(points.iter().copied(), style))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
        let dot = |point: &(f64, f64)| Circle::new(*point, 3, colour.filled());
        chart.draw_series(points.iter().map(dot))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .label_font(("sans-serif", 14))
        .background_style(WHITE.mix(0.8))
        .draw()?;
    area.present()?;
    Ok(())
}

/// The least and the greatest of some figures.
fn ends(figures: impl Iterator<Item = f64>) -> (f64, f64) {
    figures.fold((f64::INFINITY, 0.0), |(least, most), figure| {
        (least.min(figure), most.max(figure))
    })
}

/// The next of 1, 2, 5, 10, 20 and so on, not below a figure if `up`, else not above it.
fn round(figure: f64, up: bool) -> f64 {
    let decade = 10_f64.powf(figure.log10().floor());
    let mut steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade).into_iter();
    let found = match up {
        true => steps.find(|step| *step >= figure),
        false => steps.rev().find(|step| *step <= figure),
    };
    found.unwrap_or(figure)
}

/// A cost at an axis; nothing for 3, 4, 6 and their like, which would stand too close.
fn label(cost: f64) -> String {
    let is_round = (round(cost, true) / cost - 1.0).abs() < 1e-6;
    if is_round {
        display(cost, "ns").replace(".00", "").replace(".0", "")
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::cell;

    #[test]
    fn each_library_has_a_line_and_axes_end_at_round_figures() {
        let cells = [10, 100].map(|size| cell("get", size, size as f64, &[("it", 0.5)]));
        let expected = [
            ("ours", vec![(10.0, 10.0), (100.0, 100.0)]),
            ("it", vec![(10.0, 20.0), (100.0, 200.0)]),
        ];
        assert_eq!(lines(&cells.each_ref()), expected);
        assert_eq!(
            [round(7.0, false), round(7.0, true), round(20.0, true)],
            [5.0, 10.0, 20.0]
        );
        assert_eq!(
            [10.0, 2_000.0, 5e8, 3_000.0].map(label),
            ["10 ns", "2 µs", "500 ms", ""]
        );
    }
}
