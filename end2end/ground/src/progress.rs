//! How far along is it? Long steps say so while they last, and all say how long they took.
use std::time::{Duration, Instant};

use anyhow::Result;

const REMINDER: Duration = Duration::from_secs(15);

/// `4.2 s`, `1 min 5 s`
pub(crate) fn words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 { format!("{:.1} s", duration.as_secs_f64()) } else { format!("{} min {} s", seconds / 60, seconds % 60) }
}

/// Announces the step, reminds of it, and says how long it took.
pub(crate) async fn step<T>(what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let start = Instant::now();
    println!("{what} …");
    let mut reminders = tokio::time::interval(REMINDER);
    reminders.tick().await;
    let mut work = std::pin::pin!(work);
    let outcome = loop {
        tokio::select! {
            outcome = &mut work => break outcome,
            _ = reminders.tick() => println!("  still {what}, {}", words(start.elapsed())),
        }
    };
    if outcome.is_ok() {
        println!("{what}: {}", words(start.elapsed()));
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(words(Duration::from_millis(4210)), "4.2 s");
        assert_eq!(words(Duration::from_secs(330)), "5 min 30 s");
    }
}
