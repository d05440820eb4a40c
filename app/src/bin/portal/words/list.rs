//! The catalogue: a name, English, German.

macro_rules! words {
    ($($name:ident: $en:literal, $de:literal;)*) => {
        /// The texts of one language.
        pub struct Words { $(pub $name: &'static str,)* }

        pub static EN: Words = Words { $($name: $en,)* };
        pub static DE: Words = Words { $($name: $de,)* };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $de)),*];
    };
}

words! {
    // everywhere
    skip: "Skip to the content", "Zum Inhalt springen";
    places: "Places", "Bereiche";
    lab: "Lab", "Labor";
    to_lab: "To the lab", "Zum Labor";
    projects: "Projects", "Projekte";
    groups: "Groups", "Gruppen";
    admin: "Administration", "Verwaltung";
    account: "Account", "Konto";
    privacy: "Privacy", "Datenschutz";
    crumbs: "Where this is", "Wo das ist";
    parts: "Parts of this page", "Teile dieser Seite";
    nowhere: "Nothing is here", "Hier ist nichts";
    nowhere_text: "The address leads nowhere. It may have been cut off on its way to you.", "Die Adresse führt nirgendwohin. Vielleicht wurde sie unterwegs abgeschnitten.";
    looks: "Theme and language", "Aussehen und Sprache";
    theme: "Theme", "Aussehen";
    theme_auto: "As the system", "Wie das System";
    theme_light: "Light", "Hell";
    theme_dark: "Dark", "Dunkel";
    theme_contrast: "High contrast", "Hoher Kontrast";
    language: "Language", "Sprache";
    loading: "Loading", "Wird geladen";
    one_moment: "One moment …", "Einen Moment …";
    try_again: "Try again", "Noch einmal versuchen";
    close: "Close", "Schließen";
    cancel: "Cancel", "Abbrechen";
    save: "Save", "Speichern";
    saved: "Saved", "Gespeichert";
    delete: "Delete", "Löschen";
    delete_named: "Delete {name}", "{name} löschen";
    remove: "Remove", "Entfernen";
    remove_named: "Remove {name}", "{name} entfernen";
    open: "Open", "Öffnen";
    open_named: "Open {name}", "{name} öffnen";
    undo: "Undo", "Rückgängig";
    copy: "Copy", "Kopieren";
    copied: "Copied", "Kopiert";
    clipboard_blocked: "The browser did not allow copying. Select the text and copy it by hand.", "Der Browser hat das Kopieren nicht erlaubt. Markiere den Text und kopiere ihn selbst.";
    more: "Show more", "Mehr anzeigen";
    search: "Search", "Suchen";
    nothing_found: "Nothing fits this search.", "Nichts passt zu dieser Suche.";
    yes: "yes", "ja";
    no: "no", "nein";
    name: "Name", "Name";
    actions: "Actions", "Aktionen";
    when: "When", "Wann";
    number: "Number", "Nummer";
    state: "State", "Zustand";
    settings: "Settings", "Einstellungen";
    about: "About", "Angaben";
    go_on: "Continue", "Weiter";

    // what goes wrong
    unreachable: "The server does not answer. Check your connection, then try again.", "Der Server antwortet nicht. Prüfe deine Verbindung und versuche es noch einmal.";
    wrong_credentials: "The address or the password is wrong.", "Die Adresse oder das Passwort ist falsch.";
    wrong_password: "The password is wrong.", "Das Passwort ist falsch.";
    link_void: "This link was used already, or is older than an hour. Ask for a new one.", "Dieser Link wurde schon benutzt oder ist älter als eine Stunde. Fordere einen neuen an.";
    is_suspended: "This account is suspended. Ask the operator of this server.", "Dieses Konto ist gesperrt. Wende dich an den Betreiber dieses Servers.";
    sign_in_required: "Sign in to see this.", "Melde dich an, um das zu sehen.";
    forbidden: "Your role does not allow this.", "Deine Rolle erlaubt das nicht.";
    version_conflict: "This was changed from elsewhere meanwhile. Load the page again and repeat your change.", "Das wurde inzwischen von anderswo geändert. Lade die Seite neu und wiederhole deine Änderung.";
    overloaded: "The server is busy. Try again in a moment.", "Der Server ist ausgelastet. Versuche es gleich noch einmal.";
    storage_full: "The server's disk is full, nothing was saved. Its operator has to make room.", "Der Speicher des Servers ist voll, nichts wurde gespeichert. Sein Betreiber muss Platz schaffen.";
    not_found: "There is no such thing, or you may not see it. Perhaps another account can.", "Das gibt es nicht, oder du darfst es nicht sehen. Vielleicht darf es ein anderes Konto.";
    no_such_code: "No group has this code. Compare it with what you were told.", "Keine Gruppe hat diesen Code. Vergleiche ihn mit dem, der dir genannt wurde.";
    email_taken: "This address belongs to an account already. Sign in with it, or ask for a new password.", "Diese Adresse gehört schon zu einem Konto. Melde dich damit an oder fordere ein neues Passwort an.";
    no_email: "This is not an e-mail address.", "Das ist keine E-Mail-Adresse.";
    too_many: "Too many tries. You can try again in {secs} s.", "Zu viele Versuche. In {secs} s kannst du es noch einmal versuchen.";
    internal: "Something went wrong on the server. If you report it, quote {id}.", "Auf dem Server ist etwas schiefgegangen. Nenne {id}, wenn du es meldest.";

    // the way in
    sign_in: "Sign in", "Anmelden";
    sign_up: "Create an account", "Konto anlegen";
    sign_up_text: "With an account your projects follow you to every device.", "Mit einem Konto hast du deine Projekte auf jedem Gerät.";
    sign_out: "Sign out", "Abmelden";
    email: "E-mail address", "E-Mail-Adresse";
    password: "Password", "Passwort";
    new_password: "New password", "Neues Passwort";
    password_rule: "{min} to {max} characters. A sentence is easier to remember than signs.", "{min} bis {max} Zeichen. Ein Satz ist leichter zu merken als Sonderzeichen.";
    display_name: "Name", "Name";
    name_hint: "How others see you. May stay empty.", "Wie andere dich sehen. Darf leer bleiben.";
    keep_guest_work: "Take what this browser has saved into my account", "Was dieser Browser gespeichert hat, in mein Konto übernehmen";
    guest_work_stays: "What this browser has saved becomes your account's.", "Was dieser Browser gespeichert hat, gehört dann zu deinem Konto.";
    forgotten: "Forgot the password?", "Passwort vergessen?";
    have_account: "I have an account", "Ich habe ein Konto";
    join_with_code: "Join with a code", "Mit einem Code beitreten";
    mail_sent_title: "Look into your mail", "Sieh in deine Post";
    verify_sent: "A link is on its way to {email}. It is good for an hour.", "Ein Link ist unterwegs an {email}. Er gilt eine Stunde.";
    reset_sent: "If {email} has an account, a link is on its way there. It is good for an hour.", "Falls {email} ein Konto hat, ist ein Link dorthin unterwegs. Er gilt eine Stunde.";
    mail_not_there: "Nothing there after some minutes? Look into the spam folder, or try again.", "Nach einigen Minuten noch nichts da? Sieh im Spam-Ordner nach, oder versuche es noch einmal.";
    other_address: "Use another address", "Andere Adresse verwenden";
    verify_title: "Confirm your address", "Adresse bestätigen";
    verify_text: "Press the button to confirm that the address is yours.", "Drücke auf die Schaltfläche, um zu bestätigen, dass die Adresse dir gehört.";
    verify_button: "Confirm", "Bestätigen";
    verified: "The address is confirmed. Sign in with it.", "Die Adresse ist bestätigt. Melde dich damit an.";
    verified_here: "The address is confirmed, and you are signed in.", "Die Adresse ist bestätigt, und du bist angemeldet.";
    link_cut: "The link is not whole. Open it from the mail once more.", "Der Link ist nicht vollständig. Öffne ihn noch einmal aus der Mail.";
    reset_title: "A new password", "Ein neues Passwort";
    reset_text: "Tell us your address, and we send a link with which you can set a new password.", "Nenne deine Adresse, und wir senden einen Link, mit dem du ein neues Passwort setzen kannst.";
    reset_new_text: "Set it here. You are then signed out everywhere, and your tokens end.", "Setze es hier. Du wirst dann überall abgemeldet, und deine Token enden.";
    send_link: "Send the link", "Link senden";
    new_link: "Ask for a new link", "Neuen Link anfordern";
    set_password: "Set password", "Passwort setzen";
    password_set: "The password is set.", "Das Passwort ist gesetzt.";
    confirm_title: "Your password once more", "Noch einmal dein Passwort";
    confirm_text: "This change needs your password, since somebody else may sit at your browser.", "Diese Änderung braucht dein Passwort, denn an deinem Browser könnte jemand anderes sitzen.";

    // account
    guest: "guest", "Gast";
    guest_title: "You are a guest", "Du bist Gast";
    guest_text: "What you save can be reached from this browser alone, and is deleted when you stay away for 30 days. With an account it is yours everywhere.", "Was du speicherst, ist nur in diesem Browser erreichbar und wird gelöscht, wenn du 30 Tage nicht kommst. Mit einem Konto gehört es dir überall.";
    stranger_title: "You are not signed in", "Du bist nicht angemeldet";
    stranger_text: "The lab works without an account. With one you keep projects, share them and join groups, on every device.", "Das Labor geht ohne Konto. Mit einem behältst du Projekte, teilst sie und trittst Gruppen bei, auf jedem Gerät.";
    profile: "Profile", "Profil";
    id: "Id", "Kennung";
    own_id: "Your id", "Deine Kennung";
    own_id_hint: "Whoever wants to share a project with you by name needs it.", "Wer ein Projekt namentlich mit dir teilen will, braucht sie.";
    preferences: "Preferences", "Vorlieben";
    preferences_text: "With an account they are the same on every device.", "Mit einem Konto sind sie auf jedem Gerät gleich.";
    default_shots: "Shots of a new lab", "Shots eines neuen Labors";
    proven: "confirmed", "bestätigt";
    unproven: "not confirmed", "nicht bestätigt";
    pending_email: "{email} waits for its link to be followed.", "{email} wartet darauf, dass der Link geöffnet wird.";
    new_email: "New e-mail address", "Neue E-Mail-Adresse";
    change_email: "Change address", "Adresse ändern";
    password_text: "A new one ends all other sessions.", "Ein neues beendet alle anderen Sitzungen.";
    change_password: "Change password", "Passwort ändern";
    sessions: "Sessions", "Sitzungen";
    sessions_text: "Where you are signed in. End what you do not know.", "Wo du angemeldet bist. Beende, was du nicht kennst.";
    this_browser: "this browser", "dieser Browser";
    last_seen: "Last seen {when}", "Zuletzt gesehen {when}";
    end: "End", "Beenden";
    end_session_of: "End the session of {agent}", "Sitzung von {agent} beenden";
    end_others: "End all others", "Alle anderen beenden";
    tokens: "Tokens", "Token";
    tokens_text: "For programs that work with your projects in your name.", "Für Programme, die in deinem Namen mit deinen Projekten arbeiten.";
    no_tokens: "There are none.", "Es gibt keine.";
    token_name: "What it is for", "Wofür es ist";
    token_name_hint: "Such as the name of a program or a machine.", "Etwa der Name eines Programms oder Rechners.";
    token_scopes: "What it may do", "Was es darf";
    token_days: "Valid for", "Gültig für";
    n_days: "{n} days", "{n} Tage";
    create_token: "Create token", "Token anlegen";
    new_token: "The new token", "Das neue Token";
    token_once: "This is the token. It is shown this once: copy it now.", "Das ist das Token. Es wird nur dieses eine Mal gezeigt: kopiere es jetzt.";
    token_line: "…{hint} · until {until} · {scopes}", "…{hint} · bis {until} · {scopes}";
    never_used: "Never used", "Nie benutzt";
    last_used: "Last used {when}", "Zuletzt benutzt {when}";
    delete_token: "Delete the token", "Token löschen";
    delete_token_text: "Programs that use “{name}” are refused from then on.", "Programme, die „{name}“ verwenden, werden dann abgewiesen.";
    scope_account_read: "Read the account", "Konto lesen";
    scope_projects_read: "Read projects", "Projekte lesen";
    scope_projects_write: "Change projects", "Projekte ändern";
    scope_groups_read: "Read groups", "Gruppen lesen";
    scope_groups_write: "Change groups", "Gruppen ändern";
    limits: "Limits", "Grenzen";
    limits_text: "They follow from your role and your courses.", "Sie folgen aus deiner Rolle und deinen Kursen.";
    limit_projects: "Projects", "Projekte";
    limit_storage: "Storage", "Speicher";
    limit_server_qubits: "Qubits on the server", "Qubits auf dem Server";
    limit_job_minutes: "Computing minutes per month", "Rechenminuten im Monat";
    limit_shots: "Shots on the server", "Shots auf dem Server";
    limit_submissions: "Submissions per day", "Abgaben am Tag";
    limit_hardware: "Hardware", "Hardware";
    your_data: "Your data", "Deine Daten";
    your_data_text: "Everything you own, in open formats. Or the end of it.", "Alles, was dir gehört, in offenen Formaten. Oder das Ende davon.";
    export: "Export everything", "Alles exportieren";
    delete_account: "Delete the account", "Konto löschen";
    delete_account_text: "Account, projects with all versions, and runs are deleted at once and for good. Export them first if you want to keep them.", "Konto, Projekte mit allen Versionen und Läufe werden sofort und für immer gelöscht. Exportiere sie vorher, wenn du sie behalten willst.";
    account_deleted: "The account is deleted.", "Das Konto ist gelöscht.";

    // projects
    shelves: "Which projects", "Welche Projekte";
    shelf_own: "Mine", "Meine";
    shelf_shared: "Shared with me", "Mit mir geteilt";
    shelf_public: "Public", "Öffentlich";
    shelf_trash: "Trash", "Papierkorb";
    new_project: "New project", "Neues Projekt";
    new_project_name: "New project", "Neues Projekt";
    search_projects: "Search in names and tags", "In Namen und Schlagwörtern suchen";
    without_tag: "Without the tag {tag}", "Ohne das Schlagwort {tag}";
    no_projects: "No projects yet", "Noch keine Projekte";
    no_projects_text: "A project keeps circuits and notes together, with every version. Draw a circuit in the lab and press Ctrl S.", "Ein Projekt hält Schaltungen und Notizen zusammen, mit jeder Version. Zeichne im Labor eine Schaltung und drücke Strg S.";
    no_shared: "Nothing is shared with you", "Nichts ist mit dir geteilt";
    no_shared_text: "Projects that others share with you or with your groups are listed here.", "Hier stehen Projekte, die andere mit dir oder deinen Gruppen teilen.";
    no_public: "Nothing is public yet", "Noch ist nichts öffentlich";
    no_public_text: "Everyone can see a public project. Make one of yours public under Sharing.", "Ein öffentliches Projekt können alle sehen. Mache eines von deinen unter „Teilen“ öffentlich.";
    no_trash: "The trash is empty", "Der Papierkorb ist leer";
    no_trash_text: "What you throw away stays here for 30 days and can be restored.", "Was du wegwirfst, bleibt hier 30 Tage und kann wiederhergestellt werden.";
    trash_text: "After 30 days in the trash a project is deleted for good.", "Nach 30 Tagen im Papierkorb wird ein Projekt endgültig gelöscht.";
    to_trash: "Move to the trash", "In den Papierkorb";
    to_trash_named: "Move {name} to the trash", "{name} in den Papierkorb";
    in_trash: "“{name}” is in the trash.", "„{name}“ ist im Papierkorb.";
    in_trash_now: "The project is in the trash.", "Das Projekt ist im Papierkorb.";
    is_in_trash: "This project is in the trash.", "Dieses Projekt ist im Papierkorb.";
    restore: "Restore", "Wiederherstellen";
    restored: "“{name}” is restored.", "„{name}“ ist wiederhergestellt.";
    erase: "Delete for good", "Endgültig löschen";
    erase_named: "Delete {name} for good", "{name} endgültig löschen";
    erase_text: "“{name}” is deleted with all its versions and runs. This cannot be taken back.", "„{name}“ wird mit allen Versionen und Läufen gelöscht. Das lässt sich nicht rückgängig machen.";
    one_circuit: "1 circuit", "1 Schaltung";
    n_circuits: "{n} circuits", "{n} Schaltungen";
    one_single: "One circuit was saved before there were projects. Make a project of it?", "Eine Schaltung wurde gespeichert, bevor es Projekte gab. Ein Projekt daraus machen?";
    n_singles: "{n} circuits were saved before there were projects. Make projects of them?", "{n} Schaltungen wurden gespeichert, bevor es Projekte gab. Projekte daraus machen?";
    take_over: "Make projects", "Projekte machen";
    one_taken: "One project was made.", "Ein Projekt wurde gemacht.";
    n_taken: "{n} projects were made.", "{n} Projekte wurden gemacht.";
    by_link: "By link", "Per Link";
    public: "Public", "Öffentlich";
    may_read: "May read", "Darf lesen";
    may_copy: "May copy", "Darf kopieren";
    may_edit: "May edit", "Darf bearbeiten";
    owns: "Owner", "Besitzer";

    // one project
    content: "Content", "Inhalt";
    versions: "Versions", "Versionen";
    runs: "Runs", "Läufe";
    sharing: "Sharing", "Teilen";
    version_line: "Version {n} · {when}", "Version {n} · {when}";
    forked_from: "A copy of version {n} of another project", "Kopie von Version {n} eines anderen Projekts";
    make_copy: "Make a copy", "Kopie machen";
    copy_of: "Copy of {name}", "Kopie von {name}";
    copied_project: "This copy is yours.", "Diese Kopie gehört dir.";
    circuits: "Circuits", "Schaltungen";
    circuit_n: "Circuit {n}", "Schaltung {n}";
    new_circuit: "New circuit", "Neue Schaltung";
    no_circuits: "No circuits yet", "Noch keine Schaltungen";
    no_circuits_text: "Add one, open it in the lab, and press Ctrl S there to save it back.", "Füge eine hinzu, öffne sie im Labor und drücke dort Strg S, um sie hierher zu speichern.";
    remove_circuit: "Remove the circuit", "Schaltung entfernen";
    remove_circuit_text: "“{name}” is not in the next version. The versions before keep it.", "„{name}“ fehlt in der nächsten Version. Die Versionen davor behalten ihn.";
    one_line: "1 line", "1 Zeile";
    n_lines: "{n} lines", "{n} Zeilen";
    shots_seed: "{shots} shots, seed {seed}", "{shots} Shots, Seed {seed}";
    source: "Program", "Programm";
    tags: "Tags", "Schlagwörter";
    tags_hint: "Separated by commas.", "Mit Kommas getrennt.";
    notes: "Notes", "Notizen";
    notes_hint: "Each save makes a version.", "Jedes Speichern macht eine Version.";
    kept_both: "Somebody saved meanwhile. Both are kept: compare what is here now.", "Inzwischen hat jemand anderes gespeichert. Beides ist erhalten: vergleiche, was jetzt hier steht.";

    // versions
    version_n: "Version {n}", "Version {n}";
    newest: "newest", "neueste";
    by_you: "by you", "von dir";
    what_changed: "What changed", "Was sich geändert hat";
    compare_newest: "Compare with the newest", "Mit der neuesten vergleichen";
    name_it: "Name", "Benennen";
    version_name: "Name of the version", "Name der Version";
    of_version: "{what}: version {n}", "{what}: Version {n}";
    restore_version: "Restore a version", "Version wiederherstellen";
    restore_version_text: "What version {n} holds becomes version {next}. Nothing is lost.", "Der Inhalt von Version {n} wird Version {next}. Nichts geht verloren.";
    version_restored: "Version {n} is restored.", "Version {n} ist wiederhergestellt.";
    from_to: "From version {a} to version {b}", "Von Version {a} zu Version {b}";
    nothing_changed: "Notes and programs are the same.", "Notizen und Programme sind gleich.";

    // runs
    run: "Run", "Lauf";
    no_runs: "No runs yet", "Noch keine Läufe";
    no_runs_text: "Results that programs attach through the interface are kept here, with everything needed to repeat them.", "Hier stehen Ergebnisse, die Programme über die Schnittstelle anfügen, mit allem, was zum Wiederholen nötig ist.";
    run_line: "{shots} shots · seed {seed} · {backend} · version {n}", "{shots} Shots · Seed {seed} · {backend} · Version {n}";
    repeatable: "repeatable", "wiederholbar";
    not_repeatable: "program differs", "Programm weicht ab";
    repeatable_text: "The program is that of the version: the same seed on the same engine gives the same counts.", "Das Programm ist das der Version: derselbe Seed auf derselben Maschine gibt dieselben Zahlen.";
    not_repeatable_text: "The program that ran is not the one of the version.", "Gelaufen ist ein anderes Programm als das der Version.";
    delete_run: "Delete the run", "Lauf löschen";
    delete_run_text: "The result is deleted for good.", "Das Ergebnis wird endgültig gelöscht.";
    method: "Method", "Verfahren";
    shots: "Shots", "Shots";
    seed: "Seed", "Seed";
    backend: "Backend", "Backend";
    engine: "Engine", "Maschine";
    duration: "Duration", "Dauer";
    program_hash: "Hash of the program", "Hash des Programms";
    result_hash: "Hash of the result", "Hash des Ergebnisses";
    outcome: "Outcome", "Ergebnis";
    counts: "Counts", "Anzahl";
    outcomes_left: "{n} more outcomes are in the export.", "{n} weitere Ergebnisse stehen im Export.";

    // sharing
    who_sees: "Who finds it", "Wer es findet";
    private: "Private", "Privat";
    private_text: "You, and those named below.", "Du, und wer unten genannt ist.";
    by_link_text: "Whoever has the link, without an account too.", "Wer den Link hat, auch ohne Konto.";
    public_text: "Everyone; it is listed under Public.", "Alle; es steht unter „Öffentlich“.";
    what_they_may: "What they may do", "Was sie dürfen";
    link: "Link", "Link";
    new_link_title: "New link", "Neuer Link";
    new_link_text: "The present link leads nowhere from then on.", "Der jetzige Link führt dann nirgendwohin.";
    by_name: "By name", "Namentlich";
    by_name_text: "Groups that you are in, and people by their id.", "Gruppen, in denen du bist, und Menschen über ihre Kennung.";
    group_named: "Group {id}", "Gruppe {id}";
    person_named: "Person {id}", "Person {id}";
    access_of: "What {name} may do", "Was {name} darf";
    add_group: "Add a group", "Gruppe hinzufügen";
    add_person: "Add", "Hinzufügen";
    person_id: "Id of a person", "Kennung eines Menschen";
    person_id_hint: "It stands in that person's account, under Profile.", "Sie steht im Konto der Person unter „Profil“.";
    save_sharing: "Save sharing", "Freigabe speichern";
    sharing_saved: "The sharing is saved.", "Die Freigabe ist gespeichert.";

    // groups
    organization: "Organization", "Organisation";
    course: "Course", "Kurs";
    team: "Team", "Team";
    member: "Member", "Mitglied";
    instructor: "Instructor", "Lehrende";
    owner: "Owner", "Besitzer";
    new_group: "New group", "Neue Gruppe";
    create_group: "Create group", "Gruppe anlegen";
    no_groups: "You are in no group", "Du bist in keiner Gruppe";
    no_groups_text: "Courses and teams share projects. Join one with the code that you were told.", "Kurse und Teams teilen Projekte. Tritt mit dem Code bei, der dir genannt wurde.";
    one_member: "1 member", "1 Mitglied";
    n_members: "{n} members", "{n} Mitglieder";
    seen_as: "Others see you as {name}", "Andere sehen dich als {name}";
    kind: "Kind", "Art";
    teams_only: "You can make teams. Courses and organizations are made by authors: ask the server's administrator.", "Du kannst Teams anlegen. Kurse und Organisationen legen Autoren an: frage die Verwaltung des Servers.";
    pseudonyms: "Made-up names.", "Erfundene Namen.";
    pseudonyms_text: "Members see each other as “Photon 0042”; instructors see who is who.", "Mitglieder sehen einander als „Photon 0042“; Lehrende sehen, wer wer ist.";
    join_title: "Join a group", "Gruppe beitreten";
    join_text: "The code was told to you by whoever leads the group. No e-mail address is needed.", "Den Code nennt dir, wer die Gruppe leitet. Eine E-Mail-Adresse ist nicht nötig.";
    code: "Code", "Code";
    your_name: "Your name", "Dein Name";
    label_hint: "Only those who lead the group see it, where members have made-up names.", "Wo Mitglieder erfundene Namen haben, sehen ihn nur, die die Gruppe leiten.";
    join_as_guest: "You join as a guest: this browser is your key. Create an account when you want to keep your work.", "Du trittst als Gast bei: dieser Browser ist dein Schlüssel. Lege ein Konto an, wenn du deine Arbeit behalten willst.";
    join: "Join", "Beitreten";
    joined: "You are in “{name}”.", "Du bist in „{name}“.";
    leave: "Leave", "Verlassen";
    leave_text: "You no longer see what is shared with “{name}”. Your own work stays yours.", "Du siehst nicht mehr, was mit „{name}“ geteilt ist. Deine eigene Arbeit bleibt deine.";
    left: "You have left “{name}”.", "Du hast „{name}“ verlassen.";
    group_plan: "Members have the limits of the plan “{plan}”.", "Mitglieder haben die Grenzen des Plans „{plan}“.";
    members: "Members", "Mitglieder";
    label: "Label", "Bezeichnung";
    label_of: "Label of {name}", "Bezeichnung von {name}";
    role: "Role", "Rolle";
    role_of: "Role of {name}", "Rolle von {name}";
    since: "Since", "Seit";
    remove_member: "Remove a member", "Mitglied entfernen";
    remove_member_text: "{name} no longer sees what is shared with the group, and can come back with the code.", "{name} sieht nicht mehr, was mit der Gruppe geteilt ist, und kann mit dem Code zurückkommen.";
    join_code: "Code to join", "Code zum Beitreten";
    join_code_text: "Whoever has it becomes a member.", "Wer ihn hat, wird Mitglied.";
    join_link: "Link to join", "Link zum Beitreten";
    new_code: "New code", "Neuer Code";
    close_group: "Nobody else joins", "Niemand mehr tritt bei";
    group_closed: "Nobody can join at present.", "Zurzeit kann niemand beitreten.";
    open_group: "Make a code", "Code machen";
    roster: "Roster", "Teilnehmerliste";
    roster_text: "All members as a table. Change labels and roles there, and read it back in.", "Alle Mitglieder als Tabelle. Ändere dort Bezeichnungen und Rollen und lies sie wieder ein.";
    roster_download: "Download CSV", "CSV herunterladen";
    roster_upload: "Read CSV", "CSV einlesen";
    roster_done: "Changed members: {changed}. Lines that fit nobody: {unknown}.", "Geänderte Mitglieder: {changed}. Zeilen, die zu niemandem passen: {unknown}.";
    no_roster: "This is no roster: the first line has to name the column user_id.", "Das ist keine Teilnehmerliste: die erste Zeile muss die Spalte user_id nennen.";
    group_id: "Id of the group", "Kennung der Gruppe";
    group_id_hint: "An administrator needs it to give the group the limits of a course.", "Die Verwaltung braucht sie, um der Gruppe die Grenzen eines Kurses zu geben.";
    delete_group: "Delete the group", "Gruppe löschen";
    delete_group_text: "“{name}” ends for all its members. Their work stays theirs.", "„{name}“ endet für alle Mitglieder. Ihre Arbeit bleibt ihre.";

    // administration
    users: "Users", "Benutzer";
    user: "User", "Benutzer";
    guests: "Guests", "Gäste";
    audit: "Audit", "Protokoll";
    health: "Figures", "Zahlen";
    learner: "Learner", "Lernende";
    author: "Author", "Autor";
    operator: "Operator", "Betrieb";
    administrator: "Administrator", "Verwalter";
    reads_recorded: "Whose data you look at is recorded in the audit.", "Wessen Daten du ansiehst, steht im Protokoll.";
    search_users: "Part of an address or name", "Teil einer Adresse oder eines Namens";
    search_audit: "Id of a user", "Kennung eines Benutzers";
    plan: "Plan", "Plan";
    plan_of_role: "As the role", "Wie die Rolle";
    suspended: "suspended", "gesperrt";
    active: "active", "aktiv";
    suspend: "Suspend", "Sperren";
    suspend_text: "{name} is signed out everywhere at once and cannot sign in until this is taken back. Nothing is deleted.", "{name} wird sofort überall abgemeldet und kann sich nicht anmelden, bis das zurückgenommen wird. Nichts wird gelöscht.";
    unsuspend: "Lift the suspension", "Sperre aufheben";
    change_user: "Change", "Ändern";
    change_user_text: "Asks for your password. What is changed is recorded.", "Fragt nach deinem Passwort. Was geändert wird, steht im Protokoll.";
    not_oneself: "Your own role and suspension are another administrator's to change.", "Deine eigene Rolle und Sperre kann nur jemand anderes aus der Verwaltung ändern.";
    course_limits: "Limits of a course", "Grenzen eines Kurses";
    course_limits_text: "All members of a group get the limits of the plan “course”, where those are wider than their own.", "Alle Mitglieder einer Gruppe bekommen die Grenzen des Plans „course“, wo sie weiter sind als die eigenen.";
    give: "Give", "Geben";
    take_back: "Take back", "Zurücknehmen";
    audit_text: "Newest first. Each line carries a hash over the one before.", "Neueste zuerst. Jede Zeile trägt einen Hash über die vorige.";
    actor: "Who", "Wer";
    action: "What", "Was";
    object: "To what", "Woran";
    single_circuits: "Single circuits", "Einzelne Schaltungen";
    stored: "Stored contents", "Gespeicherte Inhalte";
    database: "Database", "Datenbank";
    refresh: "Refresh", "Aktualisieren";

    // privacy
    privacy_browser: "Circuits are computed in your browser. What you draw stays there until you save it on the server or share it.", "Schaltungen werden in deinem Browser gerechnet. Was du zeichnest, bleibt dort, bis du es auf dem Server speicherst oder teilst.";
    privacy_server: "The server keeps what you give it: projects and their versions, groups, and for an account the e-mail address, a name if you want one, and a hash of the password. Nobody is measured or followed; there is no advertising and nothing is loaded from other sites.", "Der Server behält, was du ihm gibst: Projekte und ihre Versionen, Gruppen, und für ein Konto die E-Mail-Adresse, auf Wunsch einen Namen und einen Hash des Passworts. Niemand wird vermessen oder verfolgt; es gibt keine Werbung, und nichts wird von anderen Seiten geladen.";
    privacy_cookie: "The only cookie names your session. It is set when you save, join or sign in, and not before.", "Das einzige Cookie benennt deine Sitzung. Es wird gesetzt, wenn du speicherst, beitrittst oder dich anmeldest, und nicht vorher.";
    privacy_rights: "Under Account you can take everything with you, and delete the account yourself.", "Unter „Konto“ kannst du alles mitnehmen und das Konto selbst löschen.";
    retention: "What is kept, and for how long", "Was behalten wird, und wie lange";
    what_is_kept: "What", "Was";
    how_long: "How long", "Wie lange";
    keep_account: "An account and what it owns", "Ein Konto und was ihm gehört";
    keep_account_for: "Until it is deleted, by its owner or an administrator", "Bis es gelöscht wird, vom Besitzer oder der Verwaltung";
    keep_guest: "A guest and what it saved", "Ein Gast und was er gespeichert hat";
    keep_guest_for: "30 days after it was last seen", "30 Tage, nachdem er zuletzt gesehen wurde";
    keep_trash: "Projects in the trash", "Projekte im Papierkorb";
    keep_trash_for: "30 days", "30 Tage";
    keep_sessions: "Sessions", "Sitzungen";
    keep_sessions_for: "Unused: 30 days for a guest, 14 for a user, 12 hours for an operator, 30 minutes for an administrator", "Unbenutzt: 30 Tage für Gäste, 14 für Benutzer, 12 Stunden für den Betrieb, 30 Minuten für die Verwaltung";
    keep_links: "Links of mails", "Links aus Mails";
    keep_links_for: "One hour", "Eine Stunde";
    keep_failures: "Failed attempts to sign in", "Gescheiterte Anmeldungen";
    keep_failures_for: "One day", "Einen Tag";
    keep_contents: "Contents that nothing refers to any more", "Inhalte, auf die nichts mehr verweist";
    keep_contents_for: "One day", "Einen Tag";
    keep_audit: "The audit", "Das Protokoll";
    keep_audit_for: "For good; it names users by id alone", "Dauerhaft; es nennt Benutzer nur über ihre Kennung";
}

#[cfg(test)]
mod tests {
    use app::language::placeholders;

    use super::ALL;

    #[test]
    fn both_languages_fill_in_the_same_values() {
        for (name, en, de) in ALL {
            assert!(!en.trim().is_empty() && !de.trim().is_empty(), "{name}");
            assert_eq!(placeholders(en), placeholders(de), "{name}");
        }
    }
}
