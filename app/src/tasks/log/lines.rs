//! How does a line stand on the page? As text, whatever it looks like.

use super::read::Written;
use domain::{task::log::Stamp, text};
use leptos::prelude::*;

/// `many`: each line says of which rank it is.
pub fn lines<'a>(lines: impl IntoIterator<Item = &'a Written>, many: bool) -> AnyView {
    let line = |written: &Written| {
        let rank = many.then(|| view! { <b title=written.pod.to_string()>{written.rank}</b> });
        let spans = written.line.spans.iter().map(|span| {
            let class = match (span.colour, span.bold) {
                (None, false) => return span.text.clone().into_any(),
                (None, true) => "bold".to_owned(),
                (Some(colour), bold) => format!("c{colour}{}", if bold { " bold" } else { "" }),
            };
            view! { <span class=class>{span.text.clone()}</span> }.into_any()
        });
        let spans = spans.collect_view();
        view! { <div data-rank=written.rank>{written.line.at.map(clock)}{rank}<code>{spans}</code></div> }
    };
    lines.into_iter().map(line).collect_view().into_any()
}

/// The clock alone: `14:02:07.123`.
fn clock(at: Stamp) -> impl IntoView {
    let (date, millis) = (text::machine_date(at.seconds), at.nanos / 1_000_000);
    let clock = format!("{}.{millis:03}", date.get(11..19).unwrap_or_default());
    view! { <time datetime=format!("{}.{millis:03}Z", date.trim_end_matches('Z'))>{clock}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::task::log::Reader;

    #[test]
    fn c5_101_what_a_program_writes_is_text_on_the_page() {
        let written = |text: &str| {
            let line = Reader::default().push(format!("{text}\n").as_bytes()).remove(0);
            Written { pod: "p".into(), rank: 0, line }
        };
        let all = [written("<img src=x onerror=alert(1)></script>\u{1b}[31m<b>red"), written("a\u{2028}b")];
        let html = Owner::new().with(|| lines(&all, true).to_html());
        assert!(!html.contains("<img") && !html.contains("</script>") && !html.contains("<b>red"), "{html}");
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;") && html.contains("class=\"c1\""), "{html}");
        assert!(!html.contains('\u{2028}'), "{html}");
    }
}
