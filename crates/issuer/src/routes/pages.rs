//! The routes of the pages, on one screen.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::from_fn_with_state;
use signet_core::limits::Limit;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::routes;

use super::page;
use crate::app::App;
use crate::middleware::guard::guarded;
use crate::openapi::{ErrorStyle, Routes};
use crate::pages;

/// The pages of sign-in by redirect and of the account. Their errors are pages too.
pub(super) fn routes(app: &App) -> Routes {
    sign_in_pages(app)
        .merge(account_pages(app))
        .wrapped(|router| as_pages(router, app))
}

/// The operator page, on the operations listener. Its errors are pages too.
pub(super) fn operator_routes(app: &App) -> Routes {
    let changing = |routes| page(app, Limit::Password, routes);
    let reading = |routes| page(app, Limit::Authorize, routes);
    Routes::answering(ErrorStyle::Own)
        .routes(page(
            app,
            Limit::Login,
            routes!(pages::operator_sign_in_page, pages::operator_sign_in),
        ))
        .routes(reading(routes!(pages::operator_sign_out)))
        .routes(changing(routes!(
            pages::operator_proof_page,
            pages::operator_proof
        )))
        .routes(reading(routes!(pages::operator_overview)))
        .routes(reading(routes!(pages::operator_accounts)))
        .routes(reading(routes!(pages::operator_account)))
        .routes(changing(routes!(pages::operator_changes_account)))
        .routes(changing(routes!(pages::operator_ends_session)))
        .routes(reading(routes!(
            pages::operator_clients,
            pages::operator_switches_client
        )))
        .routes(reading(routes!(pages::operator_keys)))
        .routes(reading(routes!(pages::operator_events)))
        .routes(routes!(pages::operator_front_page))
        .routes(routes!(pages::page_style))
        .wrapped(|router| {
            let host = from_fn_with_state(app.clone(), pages::operator_host);
            as_pages(router, app).layer(host)
        })
}

fn as_pages(router: Router<App>, app: &App) -> Router<App> {
    guarded(router)
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(from_fn_with_state(app.clone(), pages::as_page))
}

/// What people see and change of their own account.
fn account_pages(app: &App) -> Routes {
    let changing = |routes| page(app, Limit::Password, routes);
    let reading = |routes| page(app, Limit::Authorize, routes);
    Routes::answering(ErrorStyle::Own)
        .routes(reading(routes!(pages::account_overview)))
        .routes(changing(routes!(pages::confirm_page, pages::confirm)))
        .routes(reading(routes!(pages::profile_page, pages::change_profile)))
        .routes(changing(routes!(pages::email_page, pages::change_email)))
        .routes(changing(routes!(
            pages::new_password_page,
            pages::set_new_password
        )))
        .routes(changing(routes!(pages::totp_page, pages::set_up_totp)))
        .routes(changing(routes!(pages::finish_totp)))
        .routes(changing(routes!(pages::drop_totp)))
        .routes(changing(routes!(pages::renew_recovery_codes)))
        .routes(changing(routes!(pages::passkeys_page, pages::make_passkey)))
        .routes(changing(routes!(pages::name_passkey)))
        .routes(changing(routes!(pages::drop_passkey)))
        .routes(reading(routes!(pages::sessions_page)))
        .routes(reading(routes!(pages::end_session)))
        .routes(reading(routes!(pages::end_other_sessions)))
        .routes(reading(routes!(pages::applications_page)))
        .routes(reading(routes!(pages::withdraw_application)))
        .routes(reading(routes!(pages::download_account)))
        .routes(changing(routes!(
            pages::deletion_page,
            pages::erase_account
        )))
}

/// Signing in, registering, consenting and signing out.
fn sign_in_pages(app: &App) -> Routes {
    let page = |limit, routes| page(app, limit, routes);
    Routes::answering(ErrorStyle::Own)
        .routes(page(
            Limit::Authorize,
            routes!(pages::authorize, pages::post_authorize),
        ))
        .routes(page(Limit::Authorize, routes!(pages::sign_in_page)))
        .routes(page(Limit::Login, routes!(pages::sign_in_by_password)))
        .routes(page(Limit::Login, routes!(pages::sign_in_by_passkey)))
        .routes(page(
            Limit::Login,
            routes!(pages::factor_page, pages::sign_in_by_factor),
        ))
        .routes(page(Limit::Login, routes!(pages::enrolment_page)))
        .routes(page(Limit::Login, routes!(pages::offer_app_at_sign_in)))
        .routes(page(Limit::Login, routes!(pages::confirm_app_at_sign_in)))
        .routes(page(Limit::Login, routes!(pages::add_passkey_at_sign_in)))
        .routes(page(
            Limit::Register,
            routes!(pages::register_page, pages::register_on_page),
        ))
        .routes(page(
            Limit::Password,
            routes!(pages::forgot_page, pages::mail_reset_link),
        ))
        .routes(page(Limit::Authorize, routes!(pages::continue_sign_in)))
        .routes(page(Limit::Authorize, routes!(pages::decide_consent)))
        .routes(page(Limit::Authorize, routes!(pages::choose_account)))
        .routes(page(
            Limit::Authorize,
            routes!(pages::logout_page, pages::sign_out),
        ))
        // The flow counts the codes.
        .routes(routes!(pages::ask_code, pages::take_code))
        .routes(routes!(pages::device_outcome))
        .routes(routes!(pages::signed_out_page))
        .routes(routes!(pages::front_page))
        .routes(routes!(pages::page_style))
        .routes(routes!(pages::passkey_script))
        .routes(routes!(pages::work_script))
}
