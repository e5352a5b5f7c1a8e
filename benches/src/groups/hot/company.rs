//! Everybody who takes part in the same rows.

use super::NAME;
use super::contestant::Contestant;
use super::kinds;
use super::row::Row;
use crate::groups::Plan;
use crate::report::{Cell, Entrant, Record, judge};
use crate::runner::{self, Turn};

/// A subject, and peers that only it is held against.
pub struct Side<'a> {
    /// The subject.
    pub subject: Box<dyn Contestant + 'a>,
    /// Its own peers, which come after those of all.
    pub peers: Vec<Box<dyn Contestant + 'a>>,
    /// Whether it is held to the bounds.
    pub bounded: bool,
}

/// Subjects, and peers that all of them are held against.
pub struct Company<'a> {
    /// The subjects.
    pub sides: Vec<Side<'a>>,
    /// The peers of all.
    pub peers: Vec<Box<dyn Contestant + 'a>>,
}

impl Company<'_> {
    /// Measures a row with everybody who takes part, all in one run: records for each subject.
    pub fn take(&mut self, row: Row, size: u64, counted: bool, plan: &Plan<'_>) -> Vec<Record> {
        let mut playing = Vec::new();
        let mut last = Vec::new();
        for (number, side) in self.sides.iter_mut().enumerate() {
            playing.push((Some(number), &mut side.subject));
            last.extend(side.peers.iter_mut().map(|who| (Some(number), who)));
        }
        playing.extend(self.peers.iter_mut().map(|who| (None, who)));
        playing.extend(last);
        playing.retain(|(_, who)| who.takes_part(row));
        let who: Vec<(Option<usize>, Entrant)> = playing
            .iter()
            .map(|(side, who)| (*side, who.entrant()))
            .collect();
        let mut turns: Vec<_> = playing
            .iter_mut()
            .map(|(_, who)| |iterations| who.run(row, iterations))
            .collect();
        let mut turns: Vec<Turn<'_>> = turns.iter_mut().map(|turn| turn as Turn<'_>).collect();
        let samples = runner::measure(plan.pace, &mut turns).into_iter();
        let samples: Vec<_> = samples.map(|samples| samples.per(row.parts())).collect();

        let of_side = |(number, side): (usize, &Side<'_>)| {
            let cell = Cell {
                group: NAME,
                bench: row.name().into(),
                size,
                keys: "variable",
                values: kinds::name(counted),
                bounds: match side.bounded {
                    true => row.bounds(size, counted),
                    false => Vec::new(),
                },
            };
            let with = who.iter().zip(&samples);
            let with = with.filter(|((side, _), _)| side.is_none_or(|side| side == number));
            let measured: Vec<_> = with
                .map(|((_, entrant), samples)| (*entrant, samples.clone()))
                .collect();
            judge(&cell, &measured)
        };
        self.sides.iter().enumerate().flat_map(of_side).collect()
    }
}
