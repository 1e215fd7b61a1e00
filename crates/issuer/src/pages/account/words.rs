//! The words that only the account's pages have, in every language. This module must not know HTML.

use signet_flows::mail::Language;

words! {
    back: "Back to your account", "Zurück zu Ihrem Konto";
    done_saved: "The change is saved.", "Die Änderung ist gespeichert.";
    done_mailed: "We have mailed a link to the new address. Your address changes when you use it.",
        "Wir haben einen Link an die neue Adresse geschickt. Ihre Adresse ändert sich, wenn Sie ihn \
        benutzen.";
    done_ended: "Signed out there.", "Dort abgemeldet.";
    save: "Save", "Speichern";
    on: "on", "an";
    off: "off", "aus";
    name: "Name", "Name";
    email: "Email address", "E-Mail-Adresse";
    email_lead: "We mail a link to the new address and a notice to the present one.",
        "Wir schicken einen Link an die neue Adresse und eine Nachricht an die jetzige.";
    new_email: "New email address", "Neue E-Mail-Adresse";
    send_link: "Send the link", "Link schicken";
    password: "Password", "Passwort";
    password_lead: "You stay signed in here. Every other session ends.",
        "Sie bleiben hier angemeldet. Alle anderen Sitzungen enden.";
    totp: "Authenticator app", "Authenticator-App";
    totp_lead: "After your password, you type a code that an app on your phone shows.",
        "Nach Ihrem Passwort geben Sie einen Code ein, den eine App auf Ihrem Telefon zeigt.";
    totp_begin: "Set up an app", "App einrichten";
    totp_again: "Begin again with another QR code", "Mit einem anderen QR-Code neu beginnen";
    totp_is_on: "After your password, you are asked for a code of your app.",
        "Nach Ihrem Passwort werden Sie nach einem Code Ihrer App gefragt.";
    totp_remove: "Remove the app", "App entfernen";
    recovery_codes_left: "Codes that are left: ", "Übrige Codes: ";
    recovery_codes_renew: "Make new codes", "Neue Codes erstellen";
    passkeys: "Passkeys", "Passkeys";
    passkeys_lead: "With a passkey you sign in by your fingerprint, your face or the lock of your device.",
        "Mit einem Passkey melden Sie sich durch Fingerabdruck, Gesicht oder die Sperre Ihres Geräts an.";
    passkey_name: "Name of the passkey (optional)", "Name des Passkeys (freiwillig)";
    use_passkey: "Use a passkey", "Passkey verwenden";
    added_on: "Added: ", "Hinzugefügt: ";
    last_used_on: "Last used: ", "Zuletzt benutzt: ";
    rename: "Rename", "Umbenennen";
    remove: "Remove", "Entfernen";
    sessions: "Where you are signed in", "Wo Sie angemeldet sind";
    sessions_lead: "End what you do not recognise, and change your password.",
        "Beenden Sie, was Sie nicht kennen, und ändern Sie Ihr Passwort.";
    browser_sign_in: "Sign-in of a browser", "Anmeldung eines Browsers";
    operator_sign_in: "Sign-in at the operator page", "Anmeldung auf der Betreiberseite";
    this_browser: "This browser", "Dieser Browser";
    signed_in_on: "Signed in: ", "Angemeldet: ";
    end: "End", "Beenden";
    end_others: "End all others", "Alle anderen beenden";
    applications: "Applications with access", "Anwendungen mit Zugriff";
    applications_lead: "You have allowed these applications to do the following.",
        "Diesen Anwendungen haben Sie Folgendes erlaubt.";
    no_applications: "You have allowed no application to use your account.",
        "Sie haben keiner Anwendung den Zugriff auf Ihr Konto erlaubt.";
    allowed_on: "Allowed: ", "Erlaubt: ";
    withdraw: "Withdraw access", "Zugriff entziehen";
    download: "Download your data", "Ihre Daten herunterladen";
    delete: "Delete the account", "Konto löschen";
    delete_lead: "Your account and everything that is stored about it are deleted at once. This cannot be \
        undone.",
        "Ihr Konto und alles, was darüber gespeichert ist, wird sofort gelöscht. Das lässt sich nicht \
        rückgängig machen.";
    delete_sure: "I want to delete my account.", "Ich möchte mein Konto löschen.";
    deleted: "Your account is deleted", "Ihr Konto ist gelöscht";
    confirm_lead: "Before this change, prove once more who you are.",
        "Zeigen Sie vor dieser Änderung noch einmal, wer Sie sind.";
    code: "Code of your app, or a recovery code", "Code Ihrer App oder ein Wiederherstellungscode";
    wrong_proof: "That was wrong. Try again.", "Das war falsch. Versuchen Sie es noch einmal.";
}
