//! How does an island read? By address, with the browser's own fetch: cheaper in bytes than the generated client.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

/// What came back, whatever its status.
pub struct Answer {
    pub status: u16,
    pub text: String,
}

/// What a server function answers.
pub async fn json(url: &str) -> Result<Answer, JsValue> {
    get(url, "application/json").await
}

/// What a page answers.
pub async fn page(url: &str) -> Result<Answer, JsValue> {
    get(url, "text/html").await
}

async fn get(url: &str, accept: &str) -> Result<Answer, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", accept)?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(url, &init)).await?.unchecked_into();
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok(Answer { status: response.status(), text })
}
