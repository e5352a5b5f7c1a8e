//! What was counted against what is committed.

use super::figures::Operations;

/// An operation may take this share more than its figure says: another system library copies
/// memory in other steps.
const MOST: f64 = 0.05;

/// One operation.
pub struct Growth {
    name: String,
    /// Nothing where the program no longer has it.
    counted: Option<f64>,
    /// Nothing where there is no figure for it.
    committed: Option<f64>,
}

/// Pairs figures by their operation, in the order of the program.
pub fn compare(committed: &Operations, counted: &Operations) -> Vec<Growth> {
    let figure = |figures: &Operations, name: &str| {
        let mut found = figures.iter().filter(|(operation, _)| operation == name);
        found.next().map(|(_, figure)| *figure)
    };
    let gone = |(name, _): &&(String, f64)| figure(counted, name).is_none();
    let names = counted.iter().chain(committed.iter().filter(gone));
    names
        .map(|(name, _)| Growth {
            name: name.clone(),
            counted: figure(counted, name),
            committed: figure(committed, name),
        })
        .collect()
}

/// Gives the number of operations, if every one has a figure and none takes more than it may.
///
/// # Errors
///
/// One line that names the others.
pub fn judge(growths: &[Growth]) -> Result<usize, String> {
    let wrong: Vec<_> = growths.iter().filter_map(Growth::wrong).collect();
    if wrong.is_empty() {
        Ok(growths.len())
    } else {
        Err(wrong.join("; "))
    }
}

impl Growth {
    /// What is wrong with it.
    fn wrong(&self) -> Option<String> {
        let name = &self.name;
        match (self.counted, self.committed) {
            (Some(counted), Some(committed)) if counted > committed * (1.0 + MOST) => Some(
                format!("`{name}` takes {counted:.1} instructions, not {committed:.1}"),
            ),
            (Some(_), Some(_)) => None,
            (_, None) => Some(format!("`{name}` has no committed figure")),
            (None, _) => Some(format!("`{name}` has a figure, but is counted no more")),
        }
    }

    /// A row of the table.
    pub fn cells(&self) -> [String; 4] {
        let show = |figure: Option<f64>| figure.map_or(String::new(), |one| format!("{one:.1}"));
        let change = self
            .counted
            .zip(self.committed)
            .map(|(counted, committed)| format!("{:+.1} %", (counted / committed - 1.0) * 100.0));
        [
            self.name.clone(),
            show(self.counted),
            show(self.committed),
            change.unwrap_or_default(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(figures: &[(&str, f64)]) -> Operations {
        let own = |(name, figure): &(&str, f64)| (name.to_string(), *figure);
        figures.iter().map(own).collect()
    }

    fn verdict(committed: &[(&str, f64)], counted: &[(&str, f64)]) -> Result<usize, String> {
        judge(&compare(&operations(committed), &operations(counted)))
    }

    #[test]
    fn growth_by_more_than_a_twentieth_fails() {
        let committed = [("get", 40.0), ("set", 300.0)];
        assert_eq!(verdict(&committed, &[("get", 42.0), ("set", 300.0)]), Ok(2));
        assert_eq!(
            verdict(&committed, &[("get", 42.1), ("set", 400.0)]),
            Err("`get` takes 42.1 instructions, not 40.0; \
                 `set` takes 400.0 instructions, not 300.0"
                .into())
        );
    }

    #[test]
    fn what_takes_less_passes() {
        assert_eq!(verdict(&[("get", 40.0)], &[("get", 4.0)]), Ok(1));
    }

    #[test]
    fn an_operation_cannot_come_or_go_unnoticed() {
        let one = [("get", 40.0)];
        assert!(verdict(&one, &[]).unwrap_err().contains("counted no more"));
        assert!(
            verdict(&[], &one)
                .unwrap_err()
                .contains("no committed figure")
        );
    }

    #[test]
    fn a_row_shows_the_change() {
        let rows = compare(&operations(&[("get", 40.0)]), &operations(&[("get", 41.0)]));
        assert_eq!(rows[0].cells(), ["get", "41.0", "40.0", "+2.5 %"]);
    }
}
