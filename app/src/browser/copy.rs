//! What happens when a copy button (`ui::copy`) is pressed?

use super::dom;
use leptos::prelude::{document, window};
use wasm_bindgen_futures::JsFuture;

pub fn start() {
    dom::on(&document(), "click", |event| {
        let Some(button) = dom::at(&event, "[data-copy]") else { return };
        let text = button.get_attribute("data-copy").unwrap_or_default();
        let written = JsFuture::from(window().navigator().clipboard().write_text(&text));
        wasm_bindgen_futures::spawn_local(async move {
            button.set_text_content(Some(if written.await.is_ok() { "Copied" } else { "Select it and copy by hand" }));
        });
    });
}
