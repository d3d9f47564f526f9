//! How is text put into a text area? Escaped here: leptos writes what is inside of one as it is.

/// With the line break that the tag takes for its own (HTML, 13.1.2.5), so that the text's first is kept.
pub fn area(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::area;
    use leptos::prelude::*;

    #[test]
    fn no_text_ends_its_area() {
        let text = "</textarea><script>alert(1)</script> &lt;";
        let html = view! { <textarea>{area(text)}</textarea> }.to_html();
        assert_eq!(html, "<textarea>\n&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;</textarea>");
    }
}
