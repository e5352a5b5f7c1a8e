//! Charts: what an operation costs against the size, both logarithmic, a line for each library.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::report::{Cell, count, display};

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
    let (low, high) = ends(points().map(|point| point.1));
    // Whole decades, as labels are.
    let costs = (
        10_f64.powf(low.log10().floor()),
        10_f64.powf(high.log10().ceil()),
    );
    let area = backend.into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 19))
        .margin(8)
        .margin_right(36)
        .x_label_area_size(40)
        .y_label_area_size(62)
        .build_cartesian_2d((least..most).log_scale(), (costs.0..costs.1).log_scale())?;
    chart
        .configure_mesh()
        .x_desc(sizes)
        .x_label_formatter(&|size| count(size.round() as u64))
        .y_label_formatter(&|cost| label(*cost))
        .light_line_style(TRANSPARENT)
        .label_style(("sans-serif", 14))
        .draw()?;
    for (number, (name, points)) in lines.iter().enumerate() {
        // The subject is black and thick.
        let colour = if number == 0 {
            BLACK.to_rgba()
        } else {
            Palette99::pick(number).to_rgba()
        };
        let style = colour.stroke_width(if number == 0 { 3 } else { 2 });
        chart
            .draw_series(LineSeries::new(points.iter().copied(), style).point_size(3))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
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

/// A cost at an axis: of whole decades only, since others would stand too close.
fn label(cost: f64) -> String {
    let is_whole = (cost.log10() - cost.log10().round()).abs() < 1e-6;
    if is_whole {
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
    fn each_library_has_a_line_and_each_decade_a_label() {
        let cells = [10, 100].map(|size| cell("get", size, size as f64, &[("it", 0.5)]));
        let expected = [
            ("ours", vec![(10.0, 10.0), (100.0, 100.0)]),
            ("it", vec![(10.0, 20.0), (100.0, 200.0)]),
        ];
        assert_eq!(lines(&cells.each_ref()), expected);
        assert_eq!(
            [10.0, 1_000.0, 1e8, 3_000.0].map(label),
            ["10 ns", "1 µs", "100 ms", ""]
        );
    }
}
