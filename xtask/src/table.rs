//! A table of text, for a summary.

/// Lays out `rows` under `head`, each column as wide as its widest cell.
pub fn layout<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in std::iter::once(&head.map(String::from)).chain(rows) {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A time in seconds, for a cell.
pub fn seconds(time: std::time::Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [
            ["format".into(), "ok".into()],
            ["docs".into(), "not reached".into()],
        ];
        assert_eq!(
            layout(["step", "result"], &rows),
            "step    result\nformat  ok\ndocs    not reached\n"
        );
    }
}
