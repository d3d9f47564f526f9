//! How does the browser ask for a page? With its own fetch, and never for ever.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, Response, UrlSearchParams};

/// Milliseconds. Who has not answered by then, to the last byte, has failed.
const DEADLINE: u32 = 15_000;

/// What came back, whatever its status.
pub struct Answer {
    /// 0 for a redirect: no page redirects but to sign-in.
    pub status: u16,
    /// Where it came from in the end.
    pub url: String,
    pub text: String,
}

/// What a page answers.
pub async fn page(url: &str) -> Result<Answer, JsValue> {
    let init = RequestInit::new();
    init.set_redirect(RequestRedirect::Manual);
    ask(url, &init).await
}

/// Posts the fields of a form, and answers the page that the post leads to.
pub async fn post(url: &str, fields: &UrlSearchParams) -> Result<Answer, JsValue> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(fields);
    ask(url, &init).await
}

async fn ask(url: &str, init: &RequestInit) -> Result<Answer, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "text/html")?;
    init.set_headers(&headers);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(DEADLINE)));
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(url, init)).await?.unchecked_into();
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok(Answer { status: response.status(), url: response.url(), text })
}
