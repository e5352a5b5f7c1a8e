//! Charts: what an operation costs against the size, both logarithmic, a line for each library.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::figure;
use crate::report::{Figures, Record};

const WIDTH: u32 = 480;
const HEIGHT: u32 = 340;

/// The subject is black and thick. The others' colours are told apart by everybody's eyes.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 0, 0),
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
];

/// One bench.
pub struct Chart {
    /// What was done, and with what kind of entries.
    pub title: String,
    /// What the sizes count.
    sizes: &'static str,
    /// Each library and its costs in nanoseconds at each size; the subject first.
    lines: Vec<(String, Vec<(f64, f64)>)>,
}

/// The charts of the first subject of a group, on the first kind of entries: one for each bench
/// that was timed at three sizes or more. The sizes count `sizes`.
pub fn all(records: &[&Record], sizes: &'static str) -> Vec<Chart> {
    let Some(first) = records.first() else {
        return Vec::new();
    };
    let shown = records.iter().filter(|record| {
        (&record.subject, &record.keys, &record.values)
            == (&first.subject, &first.keys, &first.values)
    });
    let mut charts: Vec<Chart> = Vec::new();
    for record in shown {
        let Figures::Time {
            subject_ns,
            peer_ns,
        } = record.figures
        else {
            continue;
        };
        let title = format!("{}: {} to {}", record.bench, record.keys, record.values);
        if charts.last().is_none_or(|chart| chart.title != title) {
            charts.push(Chart {
                title,
                sizes,
                lines: Vec::new(),
            });
        }
        let chart = charts.last_mut().expect("there is one now");
        chart.add(&record.subject, record.size, subject_ns);
        if let Some((peer, cost)) = record.peer.as_ref().zip(peer_ns) {
            chart.add(peer, record.size, cost);
        }
    }
    charts.retain(|chart| chart.lines[0].1.len() >= 3);
    for chart in &mut charts {
        // A peer at one size is a dot, which says nothing that the table does not.
        chart.lines.retain(|(_, points)| points.len() > 1);
    }
    charts
}

impl Chart {
    /// Adds a point to a line, once for a size: a subject comes with every peer.
    fn add(&mut self, name: &str, size: u64, cost: f64) {
        let point = (size as f64, cost);
        match self.lines.iter_mut().find(|(line, _)| line == name) {
            Some((_, points)) if points.last().is_some_and(|last| last.0 == point.0) => {}
            Some((_, points)) => points.push(point),
            None => self.lines.push((name.into(), vec![point])),
        }
    }

    /// Draws it to a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn draw(&self, path: &Path) -> crate::Result<()> {
        let drawn = self.draw_on(SVGBackend::new(path, (WIDTH, HEIGHT)));
        Ok(drawn.map_err(|error| format!("{}: {error}", path.display()))?)
    }

    fn draw_on(&self, backend: SVGBackend<'_>) -> Result<(), Box<dyn Error + '_>> {
        let points = || self.lines.iter().flat_map(|(_, points)| points);
        let sizes = ends(points().map(|point| point.0));
        let costs = ends(points().map(|point| point.1));
        let area = backend.into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(&self.title, ("sans-serif", 19))
            .margin(8)
            .margin_right(36)
            .x_label_area_size(40)
            .y_label_area_size(62)
            .build_cartesian_2d(
                (sizes.0..sizes.1).log_scale(),
                (round_down(costs.0)..round_up(costs.1)).log_scale(),
            )?;
        chart
            .configure_mesh()
            .x_desc(self.sizes)
            .x_label_formatter(&|size| figure::count(size.round() as u64))
            .y_label_formatter(&|cost| label(*cost))
            .light_line_style(TRANSPARENT)
            .label_style(("sans-serif", 14))
            .draw()?;
        for (number, (name, points)) in self.lines.iter().enumerate() {
            let colour = COLOURS[number % COLOURS.len()];
            let style = colour.stroke_width(if number == 0 { 3 } else { 2 });
            chart
                .draw_series(LineSeries::new(points.iter().copied(), style))?
                .label(name)
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
}

/// The least and the greatest of some figures.
fn ends(figures: impl Iterator<Item = f64>) -> (f64, f64) {
    figures.fold((f64::INFINITY, 0.0), |(least, most), figure| {
        (least.min(figure), most.max(figure))
    })
}

/// The greatest of 1, 2, 5, 10, 20 and so on that is not above a figure.
fn round_down(figure: f64) -> f64 {
    let decade = 10_f64.powf(figure.log10().floor());
    let steps = [5.0, 2.0, 1.0].map(|step| step * decade);
    steps
        .into_iter()
        .find(|step| *step <= figure)
        .unwrap_or(decade)
}

/// The least of them that is not below a figure.
fn round_up(figure: f64) -> f64 {
    let decade = 10_f64.powf(figure.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
    steps
        .into_iter()
        .find(|step| *step >= figure)
        .unwrap_or(figure)
}

/// A cost at an axis; nothing for 3, 4, 6 and their like, which would stand too close.
fn label(cost: f64) -> String {
    if (round_up(cost) / cost - 1.0).abs() > 1e-6 {
        return String::new();
    }
    let text = figure::display(cost, "ns");
    let (figure, unit) = text.split_once(' ').unwrap_or((&text, ""));
    let figure = match figure.contains('.') {
        true => figure.trim_end_matches('0').trim_end_matches('.'),
        false => figure,
    };
    format!("{figure} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Cell, Entrant, judge};
    use crate::runner::Samples;

    #[test]
    fn an_axis_ends_at_round_figures() {
        assert_eq!((round_down(7.0), round_up(7.0)), (5.0, 10.0));
        assert_eq!((round_down(1_300.0), round_up(1_300.0)), (1_000.0, 2_000.0));
        assert_eq!((round_down(0.3), round_up(0.3)), (0.2, 0.5));
        assert_eq!(round_up(20.0), 20.0);
    }

    #[test]
    fn labels_have_no_zeros_behind_the_point() {
        assert_eq!(label(10.0), "10 ns");
        assert_eq!(label(2_000.0), "2 µs");
        assert_eq!(label(5e8), "500 ms");
        assert_eq!(label(3_000.0), "");
    }

    fn records(sizes: &[u64]) -> Vec<Record> {
        let names = ["ours", "one", "other"];
        let entrants = names.map(|name| Entrant { name, field: "Arc" });
        let record = |&size: &u64| {
            let cell = Cell {
                group: "maps",
                bench: "get".into(),
                size,
                keys: "u64",
                values: "u64",
                bounds: Vec::new(),
            };
            let samples = [1.0, 2.0, 3.0].map(|cost| Samples::new(vec![cost * size as f64]));
            judge(
                &cell,
                &entrants.into_iter().zip(samples).collect::<Vec<_>>(),
            )
        };
        sizes.iter().flat_map(record).collect()
    }

    #[test]
    fn a_chart_has_a_line_for_each_library_with_a_point_for_each_size() {
        let records = records(&[10, 100, 1_000]);
        let charts = all(&records.iter().collect::<Vec<_>>(), "entries");
        assert_eq!(charts.len(), 1);
        let lines: Vec<_> = charts[0]
            .lines
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(lines, ["ours", "one", "other"]);
        assert_eq!(
            charts[0].lines[0].1,
            [(10.0, 10.0), (100.0, 100.0), (1_000.0, 1_000.0)]
        );
        assert_eq!(charts[0].lines[2].1[1], (100.0, 300.0));
    }

    #[test]
    fn two_sizes_make_no_chart() {
        let records = records(&[10, 100]);
        assert!(all(&records.iter().collect::<Vec<_>>(), "entries").is_empty());
    }
}
