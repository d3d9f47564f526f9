//! Which small files go along with a new task? Those that the page holds are ticked; more are chosen beside them.

use super::draft::packed;
use domain::task::{
    Attachments,
    attached::{BYTES_MAX, FILES_MAX, FOLDER, size},
};
use leptos::prelude::*;

/// A tick that is taken away takes its file away with the next post.
pub fn attached(files: &Attachments) -> AnyView {
    let ticks = files
        .iter()
        .map(|file| {
            view! {
                <li><label class="tick">
                    <input type="checkbox" name="kept" value=packed(file) checked/> <code>{file.path.to_string()}</code> <span class="quiet small">{size(file.bytes.len())}</span>
                </label></li>
            }
        })
        .collect_view();
    let list = (!files.is_empty()).then(|| view! { <ul class="plain" aria-label="Attached files">{ticks}</ul> });
    view! {
        <fieldset class="field" id="attached">
            <legend>"Small files"</legend>
            <span class="hint" id="attach-hint">
                "Nodes do not see the files of your computer. Small scripts can go along: the task finds them in " <code>{FOLDER}</code> ", for reading, and they go with it. At most " {FILES_MAX} " files and "
                {BYTES_MAX / 1024} " KiB together; data belongs on a volume."
            </span>
            {list}
            <div class="row">
                <label for="attach">"Files:"</label>
                <input type="file" id="attach" name="attach" multiple aria-describedby="attach-hint"/>
            </div>
            <div class="row">
                <label for="folder">"Or a folder:"</label>
                <input type="file" id="folder" name="folder" webkitdirectory="" multiple aria-describedby="attach-hint"/>
                <button class="button" data-plain="" name="do" value="look">"Attach"</button>
            </div>
            <p class="error" role="alert" id="attach-error"></p>
        </fieldset>
    }
    .into_any()
}
