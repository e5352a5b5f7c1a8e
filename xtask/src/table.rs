//! Tables as plain text, for summaries, and in the docs.

use xshell::Shell;

use crate::Result;

/// Formats `rows` under `head`, each column as wide as its widest cell.
pub fn layout<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    lines(head, rows, |row| {
        let cells = row.iter().zip(widths);
        let padded = cells.map(|(cell, width)| format!("{cell:width$}  "));
        padded.collect::<String>().trim_end().to_owned()
    })
}

fn lines<const N: usize>(
    head: [&str; N],
    rows: &[[String; N]],
    line: impl Fn(&[String; N]) -> String,
) -> String {
    let head = head.map(String::from);
    let rows = std::iter::once(&head).chain(rows);
    rows.map(|row| line(row) + "\n").collect()
}

/// Formats a time in seconds.
pub fn seconds(time: std::time::Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}

/// Replaces the table of a command in a page.
///
/// # Errors
///
/// If the page or its markers are missing.
pub fn publish<const N: usize>(
    sh: &Shell,
    page: &str,
    command: &str,
    head: [&str; N],
    rows: &[[String; N]],
) -> Result<()> {
    let table = lines(head, rows, |row| format!("| {} |", row.join(" | ")));
    let (head, rows) = table.split_once('\n').unwrap_or((&table, ""));
    let table = format!("{head}\n|{}\n{rows}", " --- |".repeat(N));
    sh.write_file(page, replaced(&sh.read_file(page)?, command, &table)?)?;
    println!("published in {page}");
    Ok(())
}

/// Returns the page with a new table between the markers of a command.
fn replaced(page: &str, command: &str, table: &str) -> Result<String> {
    let marker = |edge| format!("<!-- {edge}: cargo xtask {command} --publish -->");
    let (begin, end) = (marker("begin"), marker("end"));
    let parts = page.split_once(&begin);
    let parts = parts.and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) = parts.ok_or_else(|| format!("a line `{begin}` or `{end}` is missing"))?;
    Ok(format!("{before}{begin}\n\n{table}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["format", "ok"], ["docs", "not reached"]].map(|row| row.map(String::from));
        let expected = "step    result\nformat  ok\ndocs    not reached\n";
        assert_eq!(layout(["step", "result"], &rows), expected);
    }

    #[test]
    fn only_the_text_between_the_markers_of_a_command_is_replaced() {
        let sh = Shell::new().unwrap();
        let dir = sh.create_temp_dir().unwrap();
        sh.change_dir(dir.path());
        let markers = |command: &str, table: &str| {
            let marker = |edge| format!("<!-- {edge}: cargo xtask {command} --publish -->");
            format!("{}\n{table}\n{}\n", marker("begin"), marker("end"))
        };
        let page = |table| markers("a", table) + &markers("b", "stays") + "Tail\n";
        sh.write_file("page", page("old")).unwrap();
        let rows = [["3.13.0", "43 run"].map(String::from)];
        let publish = |page, command| publish(&sh, page, command, ["Python", "tests"], &rows);
        publish("page", "a").unwrap();
        let table = "\n| Python | tests |\n| --- | --- |\n| 3.13.0 | 43 run |\n";
        assert_eq!(sh.read_file("page").unwrap(), page(table));
        assert!(
            publish("page", "c")
                .unwrap_err()
                .to_string()
                .starts_with("a line `<!-- begin")
        );
    }
}
