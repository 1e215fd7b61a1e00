//! What a refresh token gives over HTTP: used once, used twice, used at once, used too late,
//! and while the issuer dies.

mod clocked;
mod crash;
mod frozen;
mod over_time;
mod races;
mod rotation;
mod strict;
mod tokens;

signet_tests::on_every_store! {
    frozen {
        a_request_that_waited_for_a_stopped_replica_refreshes_nothing
        a_request_of_a_client_that_has_gone_recovers_nothing
    }
    over_time {
        within_the_grace_a_used_token_gets_its_successor_again
        after_the_grace_a_retry_recovers_and_the_displaced_token_becomes_a_trap
        a_client_that_lost_the_answer_goes_on_for_three_days
        a_token_from_long_ago_ends_the_session
        twenty_tabs_that_wake_up_together_all_go_on
        a_session_that_is_not_used_ends_after_14_days
        a_session_ends_after_90_days_however_often_it_is_used
        an_access_token_ends_after_ten_minutes_and_the_session_goes_on
        a_clock_set_back_harms_nobody
        a_strict_session_ends_at_the_second_use
    }
    races {
        fifty_simultaneous_refreshes_are_one_rotation_with_one_successor
        fifty_tabs_that_share_a_cookie_all_go_on
        two_issuers_on_one_database_agree_on_the_successor
        a_logout_that_races_refreshes_always_wins
        logging_out_everywhere_while_sessions_refresh_leaves_none
    }
    rotation {
        every_use_of_the_newest_token_gives_the_next
        a_retry_after_a_lost_answer_gives_the_same_successor
        without_a_token_there_is_nothing_to_refresh
        what_we_have_not_made_is_an_ended_session
    }
    strict {
        without_grace_and_recovery_every_second_use_ends_the_session
        after_the_grace_a_retry_recovers_and_the_displaced_token_ends_the_session
        a_stale_token_ends_the_session_of_thief_and_victim
    }
}
