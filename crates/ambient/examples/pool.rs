//! Jobs on a pool of rayon's, each with an id that its parts see on any thread.
//!
//! `cargo run --release -p contextvars-ambient --example pool`

use ambient::Var;
use ambient::on_rayon::ParallelIteratorExt;
use rayon::prelude::*;
use std::process::ExitCode;

/// The id of the current job.
static JOB: Var<u64> = Var::new("job");

/// Sorts a job's numbers in parts. Returns how many parts saw another job's id.
fn sort(numbers: &mut [u64], job: u64) -> usize {
    let wrong = usize::from(JOB.get() != Some(job));
    if numbers.len() < 32 {
        numbers.sort_unstable();
        return wrong;
    }
    let middle = numbers.len() / 2;
    let (_, pivot, _) = numbers.select_nth_unstable(middle);
    let _ = pivot;
    let (low, high) = numbers.split_at_mut(middle);
    let (low, high) = ambient::on_rayon::join(|| sort(low, job), || sort(high, job));
    wrong + low + high
}

/// Runs jobs in parallel. Returns how many parts saw another job's id.
pub fn run(jobs: u64) -> usize {
    (0..jobs)
        .into_par_iter()
        .inherit_each()
        .map(|job| {
            JOB.set(job);
            let mut numbers: Vec<u64> = (0..2_000).map(|n| n * 7_919 % 2_003).collect();
            let wrong = sort(&mut numbers, job);
            wrong + usize::from(JOB.get() != Some(job)) + usize::from(!numbers.is_sorted())
        })
        .sum()
}

fn main() -> ExitCode {
    let wrong = run(1_000);
    println!("jobs 1000, wrong values {wrong}");
    ExitCode::from(u8::from(wrong > 0))
}
