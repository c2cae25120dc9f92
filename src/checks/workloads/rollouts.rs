//! The numbers of Pods that a rollout may have too few or too many.

use crate::checks::kubernetes::is_filled_in;
use crate::checks::positions::place_or;
use crate::diagnostics::{Lint, Warning, WarningKind};
use crate::resource::Resource;
use crate::yaml::{Node, ScalarType, scalar_type};

/// Looks at the strategy of a workload.
pub(in crate::checks) fn of_workload(lint: &Lint, resource: &Resource) {
    let strategy = ["strategy", "updateStrategy"];
    let rolling = strategy
        .into_iter()
        .find_map(|field| resource.node.get_path(&["spec", field, "rollingUpdate"]));
    let Some(rolling) = rolling else { return };
    let (surge, unavailable) = (rolling.get("maxSurge"), rolling.get("maxUnavailable"));
    amount(lint, resource, "maxSurge", surge);
    amount(lint, resource, "maxUnavailable", unavailable);
    let is_zero = |value: &Node| matches!(value.text(), Some("0" | "0%"));
    if let (Some(surge), Some(unavailable)) = (surge, unavailable)
        && is_zero(surge)
        && is_zero(unavailable)
        && resource.kind() != "StatefulSet"
    {
        let what = "`maxSurge` and `maxUnavailable` are both 0, so that no Pod could be replaced";
        let hint = "let one of them be more, as in `maxSurge: 1`";
        refused(lint, resource, unavailable, what, hint.to_owned());
    }
}

/// Looks at a PodDisruptionBudget.
pub(in crate::checks) fn of_budget(lint: &Lint, resource: &Resource) {
    for field in ["minAvailable", "maxUnavailable"] {
        amount(lint, resource, field, resource.node.get_path(&["spec", field]));
    }
}

/// Warns about what is neither a number nor a percentage.
fn amount(lint: &Lint, resource: &Resource, field: &str, value: Option<&Node>) {
    let Some((value, given)) = value.and_then(|value| Some((value, value.text()?))) else { return };
    let number = given.strip_suffix('%').unwrap_or(given);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if is_number(given) && scalar_type(value) == Some(ScalarType::Str) {
        let what = format!("`{field}` is the text `{given}`, which is no percentage");
        let hint =
            format!("write the number `{field}: {given}`, or the percentage `{field}: {given}%`");
        return refused(lint, resource, value, &what, hint);
    }
    if given.is_empty() || value.is_null() || is_number(number) {
        return;
    }
    let bare = number.trim();
    let is_later = is_filled_in(number);
    if is_later {
        return;
    }
    let hint = match is_number(bare) && given.ends_with('%') {
        true => format!("write it without a blank: `{field}: {bare}%`"),
        false => {
            format!("write a whole number or a percentage, as in `{field}: 1` or `{field}: 25%`")
        }
    };
    let what = format!("`{field}: {given}` is neither a number nor a percentage");
    refused(lint, resource, value, &what, hint);
}

fn refused(lint: &Lint, resource: &Resource, value: &Node, what: &str, hint: String) {
    let text =
        format!("{} {}: {what}, and the API server refuses it", resource.kind(), resource.name());
    lint.add(
        Warning::new(WarningKind::InvalidValue, text, place_or(value.pos(), resource)).hint(hint),
    );
}
