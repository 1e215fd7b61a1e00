//! The words of the pages, in every language. This module must not know HTML.

use signet_flows::mail::Language;

macro_rules! words {
    ($($name:ident: $english:literal, $german:literal;)+) => {
        /// The words of the pages in one language.
        #[derive(Debug)]
        pub(super) struct Words {
            $(pub(super) $name: &'static str,)+
        }

        impl Words {
            /// The words in a language.
            pub(super) fn of(language: Language) -> &'static Self {
                match language {
                    Language::English => &ENGLISH,
                    Language::German => &GERMAN,
                }
            }
        }

        static ENGLISH: Words = Words { $($name: $english,)+ };
        static GERMAN: Words = Words { $($name: $german,)+ };
    };
}

words! {
    sign_in: "Sign in", "Anmelden";
    to_continue: "You continue to: ", "Danach geht es weiter zu: ";
    email: "Email address", "E-Mail-Adresse";
    password: "Password", "Passwort";
    new_password: "Password (8 characters or more)", "Passwort (mindestens 8 Zeichen)";
    name: "Name (optional)", "Name (freiwillig)";
    wrong_credentials: "The email address or the password is wrong.",
        "Die E-Mail-Adresse oder das Passwort ist falsch.";
    passkey: "Use a passkey", "Mit einem Passkey anmelden";
    passkey_refused: "The passkey was refused. Try again, or sign in with your password.",
        "Der Passkey wurde abgelehnt. Versuchen Sie es noch einmal, oder melden Sie sich mit Ihrem \
        Passwort an.";
    register: "Create an account", "Konto anlegen";
    forgot_question: "Forgot your password?", "Passwort vergessen?";
    forgot: "Set another password", "Anderes Passwort setzen";
    forgot_lead: "We mail a link to your address. Open it in this browser to go on here afterwards.",
        "Wir schicken einen Link an Ihre Adresse. Öffnen Sie ihn in diesem Browser, dann geht es danach \
        hier weiter.";
    mailed: "Look into your mail", "Sehen Sie in Ihre E-Mails";
    mailed_lead: "We have sent a mail to this address. It says how to go on.",
        "Wir haben eine E-Mail an diese Adresse geschickt. Darin steht, wie es weitergeht.";
    have_account: "I have an account", "Ich habe ein Konto";
    email_taken: "An account with this address exists. Sign in instead.",
        "Es gibt ein Konto mit dieser Adresse. Melden Sie sich an.";
    bad_email: "This is not a valid email address.", "Das ist keine gültige E-Mail-Adresse.";
    bad_name: "This name cannot be used.", "Dieser Name ist nicht möglich.";
    bad_password: "Choose another password: 8 to 256 characters, not a common one, and without the \
        name in your address.",
        "Wählen Sie ein anderes Passwort: 8 bis 256 Zeichen, kein häufiges, und ohne den Namen in \
        Ihrer Adresse.";
    role_required: "This application admits invited people only.",
        "Diese Anwendung lässt nur eingeladene Personen zu.";
    factor: "Confirm that it is you", "Bestätigen Sie, dass Sie es sind";
    factor_lead: "Enter the code of your authenticator app or a recovery code, or use a passkey.",
        "Geben Sie den Code Ihrer Authenticator-App oder einen Wiederherstellungscode ein, oder verwenden \
        Sie einen Passkey.";
    code: "Code", "Code";
    confirm: "Continue", "Weiter";
    wrong_code: "The code is wrong or was used before.",
        "Der Code ist falsch oder wurde schon benutzt.";
    enrol: "Set up a second factor", "Zweiten Faktor einrichten";
    enrol_app: "Set up an authenticator app", "Authenticator-App einrichten";
    enrol_lead: "A password alone is not enough here. Set up an authenticator app or a passkey.",
        "Ein Passwort allein reicht hier nicht. Richten Sie eine Authenticator-App oder einen Passkey ein.";
    totp_set_up: "Set up an app", "App einrichten";
    totp_scan: "Scan this code with your authenticator app. Then type the code that the app shows.",
        "Scannen Sie diesen Code mit Ihrer Authenticator-App. Geben Sie dann den Code ein, den die App \
        zeigt.";
    totp_qr: "QR code for an authenticator app", "QR-Code für eine Authenticator-App";
    totp_secret: "Or type this key into the app: ", "Oder geben Sie diesen Schlüssel in die App ein: ";
    totp_code: "Code of the app", "Code der App";
    recovery_codes: "Recovery codes", "Wiederherstellungscodes";
    recovery_codes_lead: "Each code signs you in once if you lose your phone. Keep them somewhere safe: \
        they are shown only now. Earlier codes no longer work.",
        "Mit jedem Code können Sie sich einmal anmelden, wenn Sie Ihr Telefon verlieren. Bewahren Sie sie \
        sicher auf: Sie werden nur jetzt gezeigt. Frühere Codes gelten nicht mehr.";
    passkey_add: "Add a passkey", "Passkey hinzufügen";
    work_required: "Please send the form once more. Your browser first does a short computation, which keeps attackers away.",
        "Bitte senden Sie das Formular noch einmal. Ihr Browser macht vorher eine kurze Berechnung, die Angreifer fernhält.";
    work_needs_script: "To send this form, allow scripts for this page.",
        "Um dieses Formular zu senden, erlauben Sie Skripte für diese Seite.";
    passkey_needs_script: "To add a passkey, allow scripts for this page.",
        "Um einen Passkey hinzuzufügen, erlauben Sie Skripte für diese Seite.";
    passkey_not_added: "The passkey was not added. Try again.",
        "Der Passkey wurde nicht hinzugefügt. Versuchen Sie es noch einmal.";
    consent: "Allow access?", "Zugriff erlauben?";
    consent_lead: " wants access to your account:", " möchte auf Ihr Konto zugreifen:";
    scope_openid: "know who you are", "erfahren, wer Sie sind";
    scope_profile: "see your name", "Ihren Namen sehen";
    scope_email: "see your email address", "Ihre E-Mail-Adresse sehen";
    scope_offline_access: "keep this access while you are away",
        "den Zugriff behalten, während Sie nicht da sind";
    consent_services: "For these services: ", "Bei diesen Diensten: ";
    consent_unregistered: "This application is not registered here. Only its address is certain: ",
        "Diese Anwendung ist hier nicht registriert. Sicher ist nur ihre Adresse: ";
    consent_back: "Afterwards your browser goes to: ", "Danach geht Ihr Browser zu: ";
    allow: "Allow", "Erlauben";
    deny: "Cancel", "Abbrechen";
    device: "Connect a device", "Gerät verbinden";
    device_lead: "Enter the code that your device shows.", "Geben Sie den Code ein, den Ihr Gerät zeigt.";
    device_wrong: "This code is wrong or has expired. Compare it with your device.",
        "Dieser Code ist falsch oder abgelaufen. Vergleichen Sie ihn mit Ihrem Gerät.";
    device_consent: "Connect this device?", "Dieses Gerät verbinden?";
    device_consent_lead: " on another device wants access to your account:",
        " möchte auf einem anderen Gerät auf Ihr Konto zugreifen:";
    device_warning: "Allow this only if you began it yourself and the device in front of you shows this \
        code: ",
        "Erlauben Sie das nur, wenn Sie selbst damit begonnen haben und das Gerät vor Ihnen diesen Code \
        zeigt: ";
    device_connected: "Your device is connected", "Ihr Gerät ist verbunden";
    device_refused: "Your device is not connected", "Ihr Gerät ist nicht verbunden";
    device_done_lead: "Go on at your device. You can close this window.",
        "Weiter geht es an Ihrem Gerät. Sie können dieses Fenster schließen.";
    choose_account: "Choose an account", "Konto wählen";
    continue_as: "Continue as ", "Weiter als ";
    other_account: "Use another account", "Anderes Konto verwenden";
    signed_in: "You are signed in", "Sie sind angemeldet";
    signed_in_as: "Signed in as ", "Angemeldet als ";
    your_account: "Your account", "Ihr Konto";
    sign_out: "Sign out", "Abmelden";
    sign_out_question: "Sign out?", "Abmelden?";
    sign_out_lead: "You also sign out of the applications that you opened from here.",
        "Sie melden sich auch bei den Anwendungen ab, die Sie von hier geöffnet haben.";
    signed_out: "You are signed out", "Sie sind abgemeldet";
    signed_out_lead: "You can close this window.", "Sie können dieses Fenster schließen.";
    error_title: "That did not work", "Das hat nicht geklappt";
    error_form: "This form can no longer be used. Go back, load the page again and send it once more.",
        "Dieses Formular ist nicht mehr gültig. Gehen Sie zurück, laden Sie die Seite neu und senden \
        Sie es noch einmal.";
    error_too_many: "There were too many attempts. Wait a moment and try again.",
        "Das waren zu viele Versuche. Warten Sie kurz und versuchen Sie es noch einmal.";
    error_not_found: "There is no such page.", "Diese Seite gibt es nicht.";
    error_server: "The server cannot answer at the moment. Try again later.",
        "Der Server kann gerade nicht antworten. Versuchen Sie es später noch einmal.";
    error_request: "This sign-in is over or its link is wrong. Go back to the application and begin again.",
        "Diese Anmeldung ist beendet oder ihr Link ist falsch. Gehen Sie zurück zur Anwendung und \
        beginnen Sie neu.";
    error_answered: "This was answered before", "Das wurde schon beantwortet";
    error_answered_lead: "Only the first answer counts, from here or from another tab. Go back to the \
        application.",
        "Nur die erste Antwort zählt, von hier oder aus einem anderen Tab. Gehen Sie zurück zur \
        Anwendung.";
    error_parameters: "The application that sent you here did so in a way that is not allowed. Tell its \
        operator: client_id, redirect_uri or request_uri appears more than once, or there are too \
        many parameters.",
        "Die Anwendung, die Sie hierher geschickt hat, tut das auf eine Weise, die nicht erlaubt ist. \
        Hinweis für ihren Betreiber: client_id, redirect_uri oder request_uri kommt mehrmals vor, oder \
        es sind zu viele Parameter.";
    error_client: "The application that sent you here is not known here. Tell its operator: client_id \
        is not registered for sign-in by redirect.",
        "Die Anwendung, die Sie hierher geschickt hat, ist hier nicht bekannt. Hinweis für ihren \
        Betreiber: client_id ist nicht für diese Anmeldung registriert.";
    error_document: "The application that sent you here does not say who it is. Tell its operator: the \
        document at client_id cannot be used: ",
        "Die Anwendung, die Sie hierher geschickt hat, sagt nicht, wer sie ist. Hinweis für ihren \
        Betreiber: das Dokument an der Adresse client_id ist unbrauchbar: ";
    error_redirect: "The application that sent you here did so in a way that is not allowed. Tell its \
        operator: redirect_uri is missing or not registered.",
        "Die Anwendung, die Sie hierher geschickt hat, tut das auf eine Weise, die nicht erlaubt ist. \
        Hinweis für ihren Betreiber: redirect_uri fehlt oder ist nicht registriert.";
    error_no_mail: "This server sends no mail. Ask its operator to set another password for you.",
        "Dieser Server verschickt keine E-Mails. Bitten Sie den Betreiber um ein anderes Passwort.";
    error_closed: "Nobody can create an account here.", "Hier kann niemand ein Konto anlegen.";
}
