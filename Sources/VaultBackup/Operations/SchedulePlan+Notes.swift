extension SchedulePlan {
    /// Sentences for the user about what will happen.
    static func notes(
        _ settings: ScheduleSettings, _ policies: [SystemPolicy], _ request: ScheduleRequest
    ) -> [String] {
        var notes = [
            "\(PathText.readable(settings.program)) run is started \(settings.rhythmText); it does what is due and makes "
                + "up for what was missed",
            "On the first of each month you are reminded of a restore drill with a person present"
                + (settings.mailsReminder
                    ? ", by mail to root" : request.usesCron ? ", by cron's mail" : ", in the journal"),
        ]
        if policies.contains(where: { $0.retention != nil }) {
            notes.append(
                "The identity of a machine can only add, so what is no longer kept is let go when somebody with the role "
                    + "'maintain' does it, or an identity without passphrase has that role (docs/POLICIES.md says how)")
        }
        if let doubt = FileTrust.doubtOrFailure(settings.program) {
            notes.append("Others can change the program that the timers start: \(doubt)")
        }
        if policies.contains(where: { $0.drill != nil }) {
            notes.append(
                "Drills run when nobody is present, so this machine must be able to read its backups: whoever breaks "
                    + "into it then reads them too. It needs an identity without passphrase that has the role 'drill' "
                    + "(docs/POLICIES.md says how)")
        } else if request.withDrills {
            notes.append("There were policies before: write 'drill:' into each that is to be drilled")
        }
        if settings.hasHooks {
            notes.append("Hooks may need anything, so the service is confined less than it could be")
        }
        if !settings.isSystem {
            notes.append("Timers of a user stop when he logs out, unless 'loginctl enable-linger' was run once")
        }
        return notes
    }
}
