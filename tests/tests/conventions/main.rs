//! What holds on every route: problem documents, limits, who may ask from where, and that no input
//! whatever gives anything but a clear refusal.

mod bodies;
mod body_routes;
mod browsers;
mod credentials;
mod crowds;
mod floods;
mod headers;
mod hostile;
mod routes;
mod shield;

signet_tests::on_sqlite_alone! {
    bodies {
        a_body_has_at_most_16_kib
        a_body_without_a_length_is_counted_too
        a_client_that_asks_first_is_told_that_its_body_is_too_long
        a_body_is_json_and_says_so
        a_header_block_too_large_is_refused
    }
    browsers {
        a_foreign_page_cannot_use_the_cookie
        our_own_pages_and_listed_ones_use_it
        a_token_in_the_body_is_no_matter_of_origins
        a_listed_page_reads_the_answer_and_no_other
        a_preflight_is_answered_for_listed_pages
        without_listed_origins_no_page_reads_an_answer
    }
    credentials {
        two_authorization_headers_are_refused
        two_refresh_cookies_are_refused_and_cleared
        cookie_and_body_together_are_refused_at_refresh
        bearer_routes_ignore_the_cookie
        other_schemes_are_no_bearer
        refresh_tokens_and_access_tokens_are_not_interchangeable
    }
    headers {
        no_header_whatever_is_more_than_refused
    }
    hostile {
        a_field_may_be_left_out_only_if_it_is_optional
        no_body_whatever_is_more_than_refused
        a_field_given_twice_is_refused
        unknown_fields_are_skipped_whatever_they_hold
    }
    routes {
        what_is_not_there_is_a_problem_document
        a_wrong_method_is_told_the_right_ones
        a_request_id_is_taken_over_if_it_is_a_sound_one
        no_answer_under_auth_is_kept_by_a_cache
        the_operations_are_not_on_the_public_port
    }
    shield {
        too_many_requests_are_told_when_to_come_back
        switching_the_shield_off_is_said_loudly
    }
}

// What these send is kept, and each store could refuse it in its own way.
signet_tests::on_every_store! {
    headers {
        a_long_user_agent_is_no_harm
    }
    hostile {
        no_value_of_any_field_is_more_than_refused
    }
}
