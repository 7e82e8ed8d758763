import Foundation
import Testing
import VaultTestSupport

/// Identity files that need a second factor: a key file, and a token that SoftHSM plays.
@Suite struct SecondFactorTests {
    private static let module = "/usr/lib/softhsm/libsofthsm2.so"
    private static let begin = """
        set -e
        export VAULT_PASSPHRASE_FILE=$PWD/passphrase
        mkdir src usb; echo content > src/file
        vault init repo --name 'Jane Doe' --machine web1 -q; export VAULT_REPOSITORY=$PWD/repo
        vault backup src -q
        f=$(ls home/.config/vault/*/jane-doe.identity); cp $f before
        echo wrong > wrong; chmod 600 wrong
        try() { "$@" > out 2> err && s=0 || s=$?; echo "$s $(grep -h '^error' err || true)"; }

        """

    private static func run(_ script: String) throws -> Stage.Outcome {
        try Stage().shellSucceeding(begin + script)
    }

    @Test func aKeyFileIsNeededToo() throws {
        let run = try Self.run(
            """
            vault identity protect --new-key-file usb/key 2>&1
            stat -c %a usb/key; wc -c < usb/key
            try vault ls latest
            try vault ls latest --key-file usb/key
            VAULT_KEY_FILE=$PWD/usb/key try vault ls latest
            head -c 65 /dev/urandom > usb/other
            try vault ls latest --key-file usb/other
            try vault ls latest --key-file usb/key --passphrase-file wrong
            try vault ls latest --key-file usb/nothing
            echo short > usb/short; try vault ls latest --key-file usb/short
            vault identity show --json | jq -r '.identities[].secondFactor' | sort | uniq -c | tr -s ' '
            # The factor stays with another passphrase, gets a fresh salt, and can be taken away only by who has it.
            salt() { jq -r .factor.salt $f; }; s=$(salt)
            try vault identity change-passphrase --new-passphrase-file passphrase
            try vault identity change-passphrase --new-passphrase-file passphrase --key-file usb/key
            [ $(salt) != $s ] && echo fresh
            # Of several key files the right one is found, but none is chosen to lock with.
            try vault ls latest --key-file usb/other --key-file usb/key
            try vault identity change-passphrase --new-passphrase-file passphrase --key-file usb/other --key-file usb/key
            try vault identity protect --no-factor
            try vault identity protect --no-factor --key-file usb/key
            try vault ls latest
            [ $(jq -r .ed25519 before) = $(jq -r .ed25519 $f) ] && echo 'same identity'
            # The machine works as before, and has nothing to protect.
            vault backup src -q --key-file usb/other
            try vault identity protect --new-key-file usb/key --identity $(ls home/.config/vault/*/machine.identity)
            try vault identity protect
            """)
        let both = "passphrase and the second factor together do not open the identity file of 'Jane Doe'"
        let expected = [
            "Made the key file", "is locked with a passphrase and a key file", "600", "65",
            "12 error: The identity of 'Jane Doe' opens only with its key file", "0 ", "0 ", both, both,
            "12 error: There is no key file", "has 6 bytes; a key file has 16 or more", "1 key-file", "1 none",
            "12 error: The identity of 'Jane Doe' opens only with its key file", "0 ", "fresh", "0 ",
            "2 error: 2 key files are named",
            "12 error: The identity of 'Jane Doe' opens only with its key file", "0 ", "0 ", "same identity",
            "2 error: The identity of 'web1' has no passphrase", "2 error: ",
        ]
        let lines = try run.expectLines(expected)
        // Which of the two was wrong is not told.
        #expect(lines[7] == lines[8])
    }

    /// From the first moment on: there is never a file that opens with the passphrase alone.
    @Test func theFirstAdministratorWithAKeyFile() throws {
        let run = try Self.run(
            """
            mkdir two; export HOME=$PWD/two; unset VAULT_REPOSITORY
            try vault init other --name 'Tran An' --new-key-file usb/key --token 1 -q
            vault init other --name 'Tran An' --machine web1 --new-key-file usb/key 2>&1 | grep -c 'Made the key file\\|key file$'
            jq -r .factor.type two/.config/vault/*/tran-an.identity; stat -c %a usb/key
            vault backup src -q
            try vault ls latest; try vault ls latest --key-file usb/key; try vault access rotate --key-file usb/key
            # The kit opens it without the factor, and the same file may serve another repository.
            try vault ls latest --identity two/.config/vault/*/recovery-kit.txt
            vault init third --new-key-file usb/key --json | jq -r .secondFactor
            vault init fourth --json | jq -r .secondFactor
            # What cannot be is told before anything is made, and before a passphrase is asked.
            try vault init fifth --token 0000 --passphrase-file none; ls -d fifth 2> /dev/null || echo 'not made'
            k=$(cat usb/key); grep -rlF "$k" other third two 2> /dev/null | wc -l
            """)
        try run.expectLines([
            "2 error: ", "2", "key-file", "600", "12 error: The identity of 'Tran An' opens only with its key file",
            "0 ",
            "0 ", "0 ", "key-file", "none", "2 error: It is not known which PKCS#11 module", "not made", "0",
        ])
    }

    @Test func aNewcomerWithAKeyFile() throws {
        let run = try Self.run(
            """
            vault identity create 'Tran An' --output an --new-key-file usb/key > an.line 2> /dev/null
            vault access grant an.line --role read -q 2> /dev/null
            try vault ls latest --identity an; try vault ls latest --identity an --key-file usb/key
            # The independent reader, from the written form alone.
            /usr/bin/python3 '\(Tools.top)/Tests/Independent/vault_reader.py' --repository repo --identity an \
                --passphrase-file passphrase --key-file usb/key list | wc -l
            try vault identity create web9 --machine --output m --new-key-file usb/key
            # No factor, whole or as digits, stands anywhere but in its file.
            k=$(cat usb/key); grep -rlF "$k" repo home an an.line 2> /dev/null | wc -l
            """)
        let lines = run.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 5, "\(run.output)")
        #expect(lines[0].hasPrefix("12 error: The identity of 'Tran An' opens only with its key file"))
        #expect(lines[1] == "0 " && lines[2] != "0" && lines[3].hasPrefix("2 ") && lines[4] == "0", "\(run.output)")
    }

    /// Shell that sets up a token; its module is Debian's SoftHSM.
    private static let token = """
        mkdir tokens; echo "directories.tokendir = $PWD/tokens" > softhsm.conf; export SOFTHSM2_CONF=$PWD/softhsm.conf
        softhsm2-util --init-token --free --label city --so-pin 12345678 --pin 2468 > /dev/null
        export VAULT_TOKEN_MODULE=\(module) VAULT_TOKEN_PIN_FILE=$PWD/pin; echo 2468 > pin; echo 1357 > badpin; chmod 600 pin badpin
        serial=$(vault identity tokens)

        """

    @Test(.enabled(if: FileManager.default.fileExists(atPath: module))) func aTokenIsNeededToo() throws {
        let run = try Self.run(
            Self.token + """
                HOME=$PWD/usb vault init first --name Jane --token $serial --token-key office --json | jq -r .secondFactor
                HOME=$PWD/usb VAULT_REPOSITORY=first try vault access rotate --reason test
                HOME=$PWD/usb VAULT_REPOSITORY=first VAULT_TOKEN_MODULE= try vault access rotate
                vault identity protect --token $serial --token-key office > /dev/null
                jq -r '.factor.key, .factor.type' $f
                try vault ls latest
                try vault ls latest --passphrase-file wrong
                try vault ls latest --token-pin-file badpin
                VAULT_TOKEN_MODULE= try vault ls latest
                try vault ls latest --token-module /etc/passwd
                mv tokens/* kept; try vault ls latest; mv kept tokens/$(uuidgen 2> /dev/null || echo one)
                try vault ls latest
                # Another token, even with a key of the same name, is another factor.
                softhsm2-util --init-token --free --label city --so-pin 12345678 --pin 2468 > /dev/null
                other=$(vault identity tokens | grep -v $serial)
                vault identity create X --output x --token $other --token-key office > /dev/null 2>&1
                sed "s/$other/$serial/" x > y; vault access grant x --role read > /dev/null 2>&1 || true
                try vault ls latest --identity y
                try vault identity protect --no-factor; try vault ls latest --token-module /none
                # Two keys of one name are none.
                try vault identity protect --token $serial --token-key office
                try vault identity protect --token 0000000000000000
                # A module that is this one, but for a token that is locked, goes away, cannot do it, or has a twin.
                cc -shared -fPIC -Wall -I '\(Tools.top)/Sources/CToken' -o faulty.so '\(Tools.top)/Tests/Tools/faulty-token.c'
                export TOKEN_TRUE=$VAULT_TOKEN_MODULE TOKEN_SERIAL=$serial
                for fault in locked removed incapable twins none; do
                    TOKEN_FAULT=$fault VAULT_TOKEN_MODULE=$PWD/faulty.so try vault ls latest; done
                TOKEN_FAULT=incapable VAULT_TOKEN_MODULE=$PWD/faulty.so try vault identity create Y --output y2 --token $serial \
                    --token-key home; ls y2 2> /dev/null || echo 'not made'
                """)
        let expected = [
            "token", "0 ", "opens only with the token", "office", "pkcs11", "0 ",
            "passphrase and the second factor together", "the PIN is wrong",
            "opens only with the token", "it is no PKCS#11 module", "the token is not there", "0 ",
            "passphrase and the second factor together", "0 ", "0 ", "0 ", "the token is not there",
            "is of no use: the token is locked", "the token is not there",
            "the token cannot compute HMAC-SHA-256", "two tokens have this serial number", "0 ",
            "the token cannot compute HMAC-SHA-256", "not made",
        ]
        try run.expectLines(expected)
    }
}
