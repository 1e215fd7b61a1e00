//! What a person does with an account: register, sign in, be told who they are, sign out, change
//! the password, leave. Each test starts the real issuer.

mod access_token;
mod authenticator;
mod change_email;
mod cookie;
mod leaving;
mod login;
mod me;
mod password;
mod people;
mod places;
mod register;
mod services;

mod sessions;

signet_tests::on_every_store! {
    access_token {
        it_holds_exactly_the_promised_claims
        a_refreshed_token_keeps_the_session_and_the_time_of_sign_in
    }
    change_email {
        an_address_changes_when_the_mailed_link_is_used
    }
    cookie {
        a_refresh_answers_the_way_it_was_asked
        signing_in_again_with_the_cookie_ends_its_old_session
        signing_in_for_the_body_with_the_cookie_ends_its_session_and_removes_it
    }
    leaving {
        logging_out_ends_the_session_and_its_access_token_at_once
        any_token_of_the_session_logs_out_however_old
        an_access_token_logs_out_too
        logging_out_is_done_whatever_the_state_of_the_token
        logout_takes_the_body_before_the_cookie_before_the_bearer
        logging_out_everywhere_ends_every_session_of_the_account_alone
        a_deleted_account_is_gone_with_its_sessions
    }
    login {
        the_right_password_opens_a_new_session_of_the_same_account
        an_unknown_account_and_a_wrong_password_read_the_same
        a_password_is_the_same_however_its_accents_were_typed
        a_short_password_is_wrong_and_what_no_password_can_be_is_refused
        the_oldest_of_more_than_a_hundred_sessions_ends
    }
    me {
        an_access_token_tells_who_one_is
    }
    password {
        a_changed_password_ends_every_other_session
        the_current_password_is_asked_for
        the_new_password_follows_the_same_rules
        a_change_that_races_a_login_with_the_old_password_leaves_no_session_behind
    }
    people {
        a_second_factor_is_enrolled_asked_for_and_removed
        a_step_up_is_a_new_token_of_the_same_session
        people_rename_themselves_and_read_all_that_is_stored
        an_administrator_adds_changes_and_deletes_accounts
        an_administrator_helps_people_who_cannot_sign_in
        an_invitation_sets_up_an_account_once
        imported_people_sign_in_and_are_exported
    }
    places {
        a_case_runs_on_the_stores_in_its_name
    }
    register {
        registering_signs_in_and_describes_the_account
        an_email_address_has_at_most_254_characters
        an_address_is_registered_once_whatever_the_case_of_its_ascii_letters
        of_fifty_simultaneous_registrations_of_one_address_one_wins
    }
    sessions {
        sessions_are_listed_with_where_they_came_from
        a_session_of_ones_own_can_be_ended
        the_session_of_somebody_else_is_not_found
    }
}

signet_tests::on_sqlite_alone! {
    access_token {
        jsonwebtoken_accepts_it_with_our_published_keys
        lifetime_audience_and_issuer_come_from_the_settings
    }
    cookie {
        the_refresh_token_is_in_a_cookie_that_no_script_reads
        behind_https_the_cookie_is_secure_and_says_so_in_its_name
        a_token_asked_for_in_the_body_sets_no_cookie
        logging_out_clears_the_cookie
    }
    login {
        a_missing_field_is_named
    }
    me {
        the_scheme_is_read_in_any_case
        without_a_token_there_is_a_challenge_without_an_error
        expired_and_invalid_tokens_are_told_apart
        the_token_never_chooses_the_algorithm
        a_token_for_something_else_does_not_open_the_account
        every_route_of_an_account_wants_a_bearer
    }
    register {
        every_bad_field_is_named_at_once
        a_password_has_8_to_256_characters_and_is_not_easily_guessed
    }
    services {
        a_protected_route_wants_a_good_token
        a_route_with_optional_sign_in_serves_everybody_but_no_forger
        a_route_for_a_role_refuses_everybody_else
        a_service_needs_nothing_of_us_once_it_has_the_keys
    }
}
