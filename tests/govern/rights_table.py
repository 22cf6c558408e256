"""What each right opens, and which rights each shipped role holds: written by hand, read by whoever changes either.

Beside `access_table`, which says what five callers hear at every door. A route that stands in no line here fails the
test: put it beside its like, or say why it needs a line of its own. Several rights: all of them are needed.
"""

from typing import Final

# fmt: off
OPENS: Final[dict[str, str]] = {
    "public": """
        account_confirm_email account_confirm_login_code account_email_verification_sent account_inactive
        account_login account_logout account_reset_password account_reset_password_done
        account_reset_password_from_key account_reset_password_from_key_done account_signup api:api-root
        api:openapi-json api_nothing_here mfa_authenticate openid_connect_callback openid_connect_login
        socialaccount_login_cancelled socialaccount_login_error socialaccount_signup web:card web:choices
        web:language web:metrics web:notice web:set_up web:theme web:unsubscribe
    """,
    "signed-in": """
        account_change_password account_email account_reauthenticate account_set_password mfa_activate_totp
        mfa_add_webauthn mfa_deactivate_totp mfa_download_recovery_codes mfa_edit_webauthn
        mfa_generate_recovery_codes mfa_index mfa_list_webauthn mfa_reauthenticate mfa_reauthenticate_webauthn
        mfa_remove_webauthn mfa_view_recovery_codes socialaccount_connections web:account web:design web:live_events
        web:notification web:notifications web:notifications_bell web:notifications_kinds web:notifications_read
        web:palette web:pulse web:row_history web:session_end web:sessions_end web:token_new web:token_revoke
        web:tokens
    """,
    "audit.view": """
        web:audit web:audit_export
    """,
    "consent.record": """
        api:hear_reply api:record_consent
    """,
    "consent.record privacy.view": """
        web:privacy_left_alone
    """,
    "customer.create": """
        api:create_customer api:create_customers web:customer_new
    """,
    "customer.create customer.view": """
        web:duplicates
    """,
    "customer.edit": """
        api:add_relation api:assign_owner api:cancel_bulk_act api:change_customer api:end_relation api:get_bulk_act
        api:preview_bulk_act api:start_bulk_act api:tag_customer api:undo_bulk_act api:untag_customer
    """,
    "customer.edit customer.view": """
        web:customer_edit web:customer_tag web:customer_untag web:customers_bulk web:customers_bulk_act
        web:correction_send web:corrections_withdraw web:customers_bulk_cancel web:customers_bulk_undo web:relate
        web:verify
    """,
    "customer.export": """
        api:fetch_export api:get_export api:start_export
    """,
    "customer.export customer.view": """
        web:customers_export web:customers_export_file web:timeline_export
    """,
    "customer.merge": """
        api:merge_customer
    """,
    "customer.merge customer.view": """
        web:merge
    """,
    "customer.pin": """
        api:pin_value api:unpin_value
    """,
    "customer.pin customer.view": """
        web:pin
    """,
    "customer.reveal": """
        api:reveal_customer_value
    """,
    "customer.share customer.view": """
        web:share web:share_end
    """,
    "customer.unmerge": """
        api:split_customer api:unmerge_customers
    """,
    "customer.unmerge customer.view": """
        web:unmerge
    """,
    "customer.view": """
        api:add_comment api:cancel_job api:change_view api:check_consent api:count_list api:create_view
        api:delete_comment api:delete_view api:edit_comment api:follow_customer api:get_consents api:get_customer
        api:get_customer_figures api:get_job api:get_organisation api:get_relation_graph api:give_card
        api:list_changes api:list_comments api:list_customers api:list_customers_by_identifier api:list_fields
        api:list_followed_customers api:list_followers api:list_organisations api:list_people_of_organisation
        api:list_recent_customers api:list_relations api:list_tags api:list_timeline api:list_views
        api:unfollow_customer api:view_customer web:comment_delete web:comment_edit web:corrections web:customer
        web:customer_card
        web:customer_comment web:customer_consents web:customer_follow web:customer_mentionable web:customer_peek
        web:customer_team web:customer_unfollow web:customers web:customers_filter web:customers_save_view
        web:customers_view_delete web:history web:my_customers web:organisation web:organisations web:pop
        web:pop_close web:relations web:sight web:timeline web:timeline_file web:timeline_row web:why
    """,
    "customer.view import.run": """
        web:import_known
    """,
    "customer.view profile.manage": """
        web:profile_tag_retire web:profile_tag_rule web:profile_tags
    """,
    "customer.view review.decide": """
        web:review_decide
    """,
    "customer.view review.view": """
        web:review
    """,
    "customer.view source.view": """
        web:quality_failing
    """,
    "dead_letter.manage": """
        api:discard_dead_letter api:replay_dead_letter api:replay_dead_letter_reason web:dead_letter_discard
        web:dead_letter_replay web:dead_letters_replay
    """,
    "dead_letter.view": """
        api:get_dead_letter api:list_dead_letter_reasons api:list_dead_letters web:dead_letter web:dead_letters
    """,
    "export.release privacy.view": """
        web:privacy_export_decide web:privacy_exports
    """,
    "home.view": """
        api:choose_notification_kinds api:get_notification_settings api:list_notifications api:read_notifications
        web:home
    """,
    "import.run": """
        api:cancel_import api:compare_with_the_base api:list_import_problems api:pause_import api:preview_import
        api:propose_mapping api:resume_import api:start_import api:undo_import api:upload_import web:import_cancel
        web:import_new web:import_pause web:import_problems web:import_resume web:import_step web:import_step_away
        web:import_step_preview
    """,
    "import.run import.view": """
        web:import_columns web:import_preview web:import_read web:import_run web:import_undo
    """,
    "import.view": """
        api:get_import api:list_imports web:import web:imports
    """,
    "operate.manage": """
        web:alert_route_delete web:alert_route_new web:alert_rule web:alert_rule_new web:alert_silence
        web:alert_silence_end
    """,
    "operate.view": """
        web:alert_acknowledge web:alert_resolve web:alerts web:operate
    """,
    "privacy.manage": """
        api:open_privacy_request
    """,
    "privacy.manage privacy.view": """
        web:privacy_act web:privacy_hold web:privacy_hold_release web:privacy_mark_lift web:privacy_new
        web:privacy_package web:privacy_retention_set
    """,
    "privacy.view": """
        api:list_privacy_requests web:privacy web:privacy_purposes web:privacy_request web:privacy_retention
        web:privacy_standing
    """,
    "privacy.view purpose.manage": """
        web:privacy_notice web:privacy_purpose web:privacy_purpose_new
    """,
    "profile.manage": """
        api:add_computed_attribute api:block_value api:change_profile_rules api:change_survivorship
        api:get_profile_rules api:lift_block api:list_computed_attributes api:measure_quality
        api:preview_survivorship api:rate_customers api:remove_computed_attribute api:restore_rules_version
        api:retire_tag api:save_rules api:save_tag api:try_rules_out api:upload_rules web:profile_computed
        web:profile_computed_remove web:profile_rate web:profile_rules web:profile_standing web:quality_measure
        web:rule_edit web:rule_move web:rule_new web:rule_remove web:rule_switch web:rules_import web:rules_restore
    """,
    "profile.manage review.view": """
        web:blocked_value_lift
    """,
    "rebuild.run": """
        api:discard_rebuild api:start_rebuild api:swap_rebuild web:rebuild_discard web:rebuild_start
        web:rebuild_swap
    """,
    "rebuild.view": """
        api:get_rebuild api:list_rebuilds web:rebuild
    """,
    "review.decide": """
        api:decide_review_pair
    """,
    "review.view": """
        api:explain_review_pair api:list_blocked_values api:list_review_pairs web:blocked_values
    """,
    "role.manage user.view": """
        web:role_delete web:role_edit web:role_fields web:role_new
    """,
    "screen.pop": """
        api:send_pop
    """,
    "source.manage": """
        api:change_source api:create_source api:list_screens api:renew_write_key web:screens web:screens_remove
        web:source_edit web:source_new web:source_renew_key
    """,
    "source.view": """
        api:get_quality api:get_rules api:get_rules_version api:get_source api:list_failing_records
        api:list_rule_effects api:list_rule_versions api:list_sources web:quality web:quality_progress web:rule
        web:rule_versions web:rules web:rules_export web:source web:sources
    """,
    "user.manage": """
        web:department web:department_delete web:department_new web:person_new web:person_password_link
        web:person_sign_out web:team web:team_delete web:team_new web:territory_delete web:territory_new
    """,
    "user.view": """
        web:departments web:people web:person web:person_edit web:role web:roles
    """,
    "webhook.manage": """
        api:change_webhook api:create_webhook api:delete_webhook api:get_webhook api:list_deliveries
        api:list_webhooks api:ping_webhook api:resend_delivery api:resend_webhook api:rotate_webhook_secret
        web:delivery_resend web:webhook web:webhook_delete web:webhook_edit web:webhook_new web:webhook_ping
        web:webhook_resend web:webhook_secret web:webhooks
    """,
}

_SEE = {"home.view", "customer.view"}
_WORK = {*_SEE, "customer.edit", "customer.create", "customer.reveal", "customer.share", "consent.record"}
_STEWARDSHIP = {*_WORK, "customer.merge", "customer.unmerge", "customer.pin", "customer.export", "review.view",
                "review.decide", "source.view", "import.view"}
ROLES: Final[dict[str, set[str]]] = {
    "system_administrator": {
        "home.view", "user.view", "user.manage", "source.view", "source.manage", "import.view", "dead_letter.view",
        "rebuild.view", "rebuild.run", "operate.view", "operate.manage", "webhook.manage", "token.create",
    },
    "security_administrator": {"home.view", "user.view", "role.manage", "token.manage"},
    "steward": {
        *_STEWARDSHIP, "import.run", "profile.manage", "dead_letter.view", "dead_letter.manage", "rebuild.view",
        "rebuild.run", "operate.view", "token.create",
    },
    "manager": _STEWARDSHIP,
    "rep": _WORK,
    "agent": _WORK,
    "marketer": {*_SEE, "customer.export", "source.view", "import.view", "import.run"},
    "auditor": {
        *_SEE, "review.view", "source.view", "import.view", "rebuild.view", "user.view", "audit.view", "privacy.view",
        "operate.view",
    },
    "engineer": {*_SEE, "customer.edit"},
    "privacy_officer": {
        *_SEE, "customer.reveal", "customer.export", "export.release", "consent.record", "purpose.manage",
        "privacy.view", "privacy.manage", "source.view",
    },
    "executive": _SEE,
    "partner": {"customer.view"},
    "api_client": {"customer.view", "customer.edit", "customer.create"},
    "newcomer": set(),
}
"""The administrator, who sets an installation up, holds every right there is."""

FOREIGN_PARTNER: Final[dict[tuple[str, str], str | int]] = {
    ("GET", "api:list_comments"): "in",  # an empty list, whether there is such a customer or not
    ("GET", "api:list_followers"): "in",
    ("POST", "web:customer_consents"): 403,  # asks for consent.record before it looks whose they are
}
"""Where a partner of another department hears something else than a rep of another department."""
