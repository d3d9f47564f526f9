//! How is it shown how full a volume is? A bar with its figures and their age; where there is no figure, why.

use crate::ui::time::age;
use domain::{
    text,
    usage::{FULL, Fullness, NEARLY_FULL, Sample},
};
use leptos::prelude::*;

/// What is known of the time to come: the day, nothing, or that it could not be read.
pub type Forecast = Result<Option<i64>, ()>;

/// All of it, for the volume's page.
pub fn whole(fullness: &Fullness, forecast: Forecast, is_mounted: bool, now: i64) -> AnyView {
    let measured = |at: i64| {
        let while_mounted = if is_mounted { "" } else { ", when a pod last had it mounted" };
        view! { <p class="quiet small">"Measured " {age(at, now)} " ago by the node" {while_mounted} "."</p> }
    };
    match fullness {
        Fullness::Unknown(why) => view! { <p class="quiet">{why.in_words()}</p> }.into_any(),
        Fullness::Shared(sample) => view! {
            <p>
                "Storage of this class reports the whole file system that it lies on: " {figures(sample)}
                ". How much of that is this volume's, nobody says; a task can find out with " <code>"du -sh"</code> "."
            </p>
            {measured(sample.at)}
        }
        .into_any(),
        Fullness::Measured(sample) => view! {
            <p>{bar(sample)} " " {figures(sample)}</p>
            {sample.files.filter(|files| files.percent() >= NEARLY_FULL).map(|files| view! {
                <p>"Its file system can hold " {files.total} " files and folders; " {files.used} " are there (" {files.percent()} " %). Many small files fill it up before its space is used."</p>
            })}
            {to_come(forecast)}
            {measured(sample.at)}
        }
        .into_any(),
    }
}

fn to_come(forecast: Forecast) -> Option<AnyView> {
    match forecast {
        Ok(None) => None,
        Ok(Some(at)) => Some(view! { <p data-forecast="">"Full on " <time datetime=text::machine_date(at)>{text::day(at)}</time> " if it goes on as it did."</p> }.into_any()),
        Err(()) => Some(view! { <p class="quiet">"When it will be full cannot be told: the portal cannot read its records right now."</p> }.into_any()),
    }
}

/// For a list: the bar with the percent; on hover the figures and their age.
pub fn brief(fullness: &Fullness, now: i64) -> AnyView {
    match fullness {
        Fullness::Unknown(why) => view! { <span class="quiet" title=why.in_words()>"not known"</span> }.into_any(),
        Fullness::Shared(_) => {
            view! { <span class="quiet" title="Its class reports the whole file system">"not its own"</span> }.into_any()
        }
        Fullness::Measured(sample) => {
            let title = format!("{}, {} ago", figures(sample), text::age(sample.at, now));
            view! { <span title=title>{bar(sample)} " " {sample.usage.percent()} " %"</span> }.into_any()
        }
    }
}

/// `1.2 Gi of 10 Gi used (12 %)`
fn figures(sample: &Sample) -> String {
    let usage = sample.usage;
    format!("{} of {} used ({} %)", usage.used.rounded(), usage.total.rounded(), usage.percent())
}

fn bar(sample: &Sample) -> impl IntoView + use<> {
    let percent = sample.usage.percent().min(100);
    view! { <meter class="bar" min="0" max="100" low=NEARLY_FULL.to_string() high=FULL.to_string() optimum="0" value=percent.to_string() aria-label="Used">{percent} " %"</meter> }
}
