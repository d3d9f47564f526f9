//! What if the code of a watch itself fails? The watch begins anew; a portal in which that goes on wants to be restarted.

use futures::FutureExt;
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio::time::sleep;

/// Between the failure and the new beginning.
const PAUSE: Duration = Duration::from_secs(1);
/// So many failures are no accident.
pub(crate) const MOST: u32 = 3;

/// Begins `work` again whenever it panics, and tells `failed` of it.
pub(crate) async fn kept_up<W: Future<Output = ()>>(failed: impl Fn(), mut work: impl FnMut() -> W) {
    // Whatever the panic left half done is dropped with its future; the picture changes in one step or not at all (`cache`).
    while AssertUnwindSafe(work()).catch_unwind().await.is_err() {
        failed();
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        cell::Cell,
        future::{pending, ready},
        rc::Rc,
    };
    use tokio::time::timeout;

    #[tokio::test]
    async fn d_43_a_watch_whose_code_fails_begins_anew_within_five_seconds() {
        let (begun, failed) = (Rc::new(Cell::new(0)), Cell::new(0));
        let again = Rc::clone(&begun);
        let work = move || {
            again.set(again.get() + 1);
            let fails = again.get() == 1;
            async move { if fails { panic!("injected") } else { ready(()).await } }
        };
        kept_up(|| failed.set(failed.get() + 1), work).await;
        assert_eq!((begun.get(), failed.get()), (2, 1));
        const { assert!(PAUSE.as_secs() < 5) }
        let goes_on = timeout(Duration::from_millis(10), kept_up(|| failed.set(9), pending::<()>)).await;
        assert!(goes_on.is_err() && failed.get() == 1, "what does not fail is left alone");
    }
}
