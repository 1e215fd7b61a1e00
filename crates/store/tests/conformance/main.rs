//! The promises of the store traits, as named cases that every backend keeps.
//!
//! A backend is one line at the end of this file; cases must not know which one they run on. Each
//! case gets a fresh place with two handles on it, as two processes would have them.

#![expect(
    clippy::unwrap_used,
    reason = "a store that answers with an error fails the case"
)]

mod accounts;
mod agreement;
mod audit;
mod authenticators;
mod challenges;
mod clients;
mod consents;
mod deny_list;
mod endings;
#[expect(dead_code, reason = "only the tests of Redis alone break their server")]
mod given;
mod imports;
mod invitations;
mod known_devices;
mod limits;
mod links;
mod one_time;
mod outbox;
mod profiles;
mod races;
mod ring_notes;
mod sessions;
mod shared_limits;
mod status_lists;
mod steps;

use given::{Place, documented_user};
use signet_test_servers::{Redis, RedisCluster, RedisPlan, RedisSentinels};

/// Runs every case on the places that `$open` makes.
macro_rules! conformance {
    ($backend:ident, $open:path) => {
        mod $backend {
            lasting! { $open }
            shared! { $open }
        }
    };
}

/// The cases of what only databases store.
macro_rules! lasting {
    ($open:path) => {
        cases! { $open, accounts:
            an_account_is_found_by_id_and_by_email_in_any_case
            an_account_without_name_and_roles_is_found_as_it_was_stored
            an_email_address_belongs_to_one_account
            an_account_is_never_overwritten_by_another
            a_deleted_account_is_gone_and_its_address_free
            a_new_password_comes_with_the_next_epoch
            each_ending_says_anew_which_session_is_kept
            logging_out_everywhere_changes_the_epoch_alone
            switching_an_account_off_ends_everything
            accounts_are_listed_in_the_order_of_their_ids
            a_change_at_another_epoch_changes_nothing
            a_rehash_replaces_the_stored_hash_only_and_ends_nothing
            endings_stay_pending_until_they_are_done
            a_later_change_stays_pending
        }
        cases! { $open, audit:
            events_of_several_processes_are_one_chain
            lines_are_found_by_type_by_account_and_by_number
            of_fifty_appends_each_has_its_own_numbers
            purged_lines_are_the_oldest_and_the_rest_stays_a_chain
        }
        cases! { $open, authenticators:
            a_new_account_has_its_password_alone
            authenticators_are_found_as_they_were_stored
            a_record_is_replaced_by_its_successor_only
            a_credential_id_belongs_to_one_account
            removing_the_password_removes_its_hash
            the_latest_use_of_a_code_is_found_as_it_was_stored
            a_new_password_survives_a_change_that_was_decided_before_it
            of_two_ways_removed_at_once_one_stays
            of_fifty_uses_of_a_recovery_code_one_is_done
            a_deleted_account_frees_its_passkeys
        }
        cases! { $open, clients:
            a_client_is_found_as_it_was_stored
            a_client_id_belongs_to_one_client
            clients_are_listed_in_the_order_of_their_ids
            a_client_is_replaced_by_its_successor_only
            an_unchanged_client_is_shared_and_a_changed_one_is_seen_at_once
            a_deleted_client_is_gone
        }
        cases! { $open, consents:
            a_consent_is_found_until_its_time
            a_consent_with_several_grants_is_found_until_the_last_of_them_expires
            consents_go_with_their_account_and_their_client
            purged_consents_are_those_past_their_time
            the_consents_of_an_account_are_listed_by_client
            a_consent_is_removed_once
            of_thirty_grants_at_once_none_is_lost
            a_grant_beside_a_withdrawal_brings_nothing_back
            a_grant_beside_a_purge_stays
            a_grant_beside_the_deletion_of_its_client_goes_with_it
        }
        cases! { $open, imports:
            imported_accounts_are_found_with_everything_they_sign_in_with
            an_import_never_takes_the_place_of_another_account
            an_id_is_not_used_again_while_its_sessions_are_to_be_ended
            of_twenty_imports_of_one_address_one_is_added
        }
        cases! { $open, invitations:
            an_invitation_is_found_until_its_time
            an_address_has_the_latest_invitation_only
            invitations_are_listed_and_removed_by_id
            accepting_an_invitation_adds_an_account_once
            an_invitation_to_an_address_that_is_taken_stays
            accepting_an_invitation_activates_its_account
            an_account_that_was_changed_is_not_activated
            an_invitation_and_its_mail_are_stored_together
            of_fifty_acceptances_one_is_done
            of_fifty_activations_one_is_done
            purged_invitations_are_those_past_their_time
        }
        cases! { $open, known_devices:
            a_device_is_added_once_with_its_mail
            a_device_that_is_seen_again_keeps_its_latest_time
            devices_go_with_their_account_or_when_they_are_not_seen
            an_account_has_a_limited_number_of_devices
            of_fifty_that_add_a_device_one_is_first
        }
        cases! { $open, links:
            a_link_is_found_and_taken_once
            a_link_does_not_exist_for_another_purpose_or_after_its_time
            a_new_link_takes_the_place_of_the_earlier_one
            links_go_with_their_account
            of_fifty_takers_of_a_link_one_wins
            purged_links_are_those_past_their_time
        }
        cases! { $open, outbox:
            a_mail_is_leased_as_it_was_stored
            leased_mail_is_due_again_when_the_lease_expires
            the_backlog_counts_leased_mail_too
            only_the_latest_attempt_postpones_a_mail
            removed_mail_is_gone_as_is_mail_of_a_deleted_account
            of_fifty_workers_one_leases_a_mail
            a_mail_is_stored_with_its_link_or_not_at_all
            mail_without_an_account_is_stored_and_purged_after_its_time
            a_mail_is_stored_with_its_change_or_not_at_all
        }
        cases! { $open, profiles:
            an_update_changes_everything_but_id_and_password
            an_account_without_a_password_is_found_as_it_was_stored
            an_update_that_raises_the_epoch_ends_what_came_before
            an_update_of_an_earlier_version_or_epoch_changes_nothing
            an_address_of_another_account_is_refused
            of_fifty_updates_of_one_version_one_is_done
            accounts_are_listed_by_address_role_and_status
        }
    };
}

/// The cases of what Redis stores, if there is one.
macro_rules! shared {
    ($open:path) => {
        cases! { $open, agreement:
            an_ending_leaves_the_sessions_that_the_account_admits
            the_limit_ends_the_oldest_sessions_that_have_not_expired
        }
        cases! { $open, challenges:
            a_challenge_is_taken_once_with_its_payload
            a_payload_has_at_most_8192_bytes
            a_challenge_does_not_exist_for_another_purpose
            a_challenge_expires_at_its_millisecond
            attempts_are_numbered_and_leave_the_challenge_in_place
            a_challenge_is_replaced_only_by_one_that_knows_its_payload
            of_fifty_that_replace_a_challenge_one_wins
            of_fifty_takers_one_wins
            of_fifty_attempts_each_has_its_own_number
            purged_challenges_are_those_past_their_time
        }
        cases! { $open, deny_list:
            a_token_is_denied_until_its_time
            a_session_is_denied_for_its_own_account_only
            a_client_and_an_account_are_denied_up_to_an_issue_time
            every_client_that_a_token_names_is_looked_up
            a_denial_is_never_shortened
            kinds_of_denials_are_kept_apart
            purged_denials_are_those_past_their_time
        }
        cases! { $open, endings:
            an_ended_session_is_gone_and_its_tokens_denied
            ending_what_is_not_there_still_denies
            only_sessions_of_earlier_epochs_end
            the_kept_session_does_not_end
            a_session_from_before_it_was_kept_ends
            the_last_epoch_ends_all
        }
        cases! { $open, limits:
            beyond_the_limit_the_oldest_sessions_end
            the_new_session_stays_however_old_it_claims_to_be
            expired_sessions_do_not_count
            purging_removes_what_has_expired
            purging_goes_on_where_it_stopped
        }
        cases! { $open, one_time:
            a_value_is_claimed_once
            of_fifty_claims_one_comes_first
            purged_values_are_those_past_their_time
        }
        cases! { $open, races:
            of_fifty_swaps_to_one_version_one_is_done
            swaps_in_turn_from_two_handles_are_all_done
            an_ended_session_stays_ended_against_swaps
            a_session_begun_at_an_old_epoch_does_not_last
            ending_earlier_epochs_wins_against_swaps
            of_fifty_accounts_with_one_email_one_is_added
            of_fifty_changes_at_one_epoch_one_is_done
            the_limit_holds_against_concurrent_sign_ins
            purging_leaves_the_living_alone
        }
        cases! { $open, ring_notes:
            the_newest_generation_stands_with_its_first_time
            rings_are_kept_apart
            of_fifty_notes_at_once_the_newest_stands
        }
        cases! { $open, sessions:
            a_session_is_found_as_it_was_stored
            a_session_is_never_overwritten_by_another
            a_swap_replaces_its_predecessor_only
            a_session_expires_at_its_millisecond
            sessions_are_listed_newest_first
        }
        cases! { $open, shared_limits:
            a_burst_is_counted_and_comes_back_at_the_rate
            a_request_counts_against_all_counters_or_none
            counters_of_two_groups_are_kept_apart
            what_is_taken_back_can_be_counted_again
            counters_that_are_reset_are_whole
            of_fifty_requests_a_burst_is_counted
            counters_say_what_the_rule_says
            purged_counters_are_those_that_are_whole
        }
        cases! { $open, status_lists:
            blocks_come_from_one_list_while_it_takes_tokens
            a_full_list_is_followed_by_another
            of_fifty_leases_at_once_each_has_its_own_bits
            an_ended_session_sets_its_bits
            a_session_without_bits_sets_none
            ending_earlier_epochs_sets_the_bits_of_what_ends
            sessions_beyond_the_limit_set_their_bits
            a_denied_account_sets_the_bits_of_its_sessions_and_tokens
            a_denied_client_sets_the_bits_of_its_blocks_and_tokens
            a_denied_token_sets_its_bit
            a_holder_keeps_its_bits_while_others_expire
            a_reader_continues_where_it_stopped
            after_a_restore_every_earlier_list_is_revoked
            a_caller_that_knows_of_a_loss_gets_a_later_list
            purged_bits_are_those_of_lists_past_their_time
        }
        cases! { $open, steps:
            a_session_begins_at_the_current_epoch
            a_session_does_not_begin_at_an_earlier_epoch
            a_kept_session_outlives_the_endings_that_keep_it
            a_session_does_not_begin_for_a_disabled_account
            a_session_does_not_begin_for_an_account_that_is_gone
            finishing_an_ending_ends_sessions_and_the_note
            after_a_restore_no_session_and_no_token_from_before_is_good
            every_backend_is_well_until_it_is_closed
        }
    };
}

/// One test a case: `module::case` on a place of its own.
macro_rules! cases {
    ($open:path, $module:ident: $($case:ident)+) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                crate::$module::$case(&$open().await).await;
            })+
        }
    };
}

conformance!(sqlite, crate::sqlite_place);
conformance!(redis, crate::redis_place);
conformance!(postgres, crate::postgres_place);

mod sentinel {
    shared! { crate::sentinel_place }
}

mod valkey {
    shared! { crate::valkey_place }
}

mod cluster {
    shared! { crate::cluster_place }
}

async fn sqlite_place() -> Place {
    Place::open(None).await
}

/// Accounts stay in SQLite. The user of Redis has the rights that the documentation gives it.
async fn redis_place() -> Place {
    let user = format!("--user {}", documented_user("Redis", PASSWORD));
    let words: Vec<_> = user.split(' ').collect();
    let redis = Redis::with(&words);
    Place::open_at(redis.url_as("signet", PASSWORD), redis).await
}

/// Sessions are in Redis then.
async fn postgres_place() -> Place {
    Place::open_shared().await
}

/// Valkey in the place of Redis.
async fn valkey_place() -> Place {
    Place::open(Some(Redis::valkey())).await
}

/// Sentinels name the server that has the sessions.
async fn sentinel_place() -> Place {
    let servers = RedisSentinels::start(0, 1);
    Place::open_at(servers.url(), servers).await
}

/// Three servers have a third of the sessions each. The user has the rights that the documentation
/// gives it.
async fn cluster_place() -> Place {
    let user = format!("--user {}", documented_user("Cluster", PASSWORD));
    let words: Vec<_> = user.split(' ').collect();
    let servers = RedisCluster::planned(RedisPlan::default().with(&words), 0);
    let identity = format!("://signet:{PASSWORD}@");
    let url = servers.url().replace("://", &identity);
    Place::open_at(url, servers).await
}

/// Of the user of Redis.
const PASSWORD: &str = "s3cret";
