import Foundation
import Testing
import VaultTestSupport

/// The register of tokens: who has what, what came back, and what to ask a leaver for.
@Suite struct TokenRegisterTests {
    @Test func handedOutAndTakenBack() throws {
        let run = try Stage().shellSucceeding(
            """
            set -e
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            vault init repo --name 'Jane Doe' --machine web1 -q; export VAULT_REPOSITORY=$PWD/repo
            try() { "$@" > out 2> err && s=0 || s=$?; echo "$s $(grep -h '^error' err || true)"; }
            for x in An Binh; do vault identity create $x --machine --output $x > $x.line 2> /dev/null; done
            vault access grant An.line --role read -q 2> /dev/null; vault access grant Binh.line --role audit -q
            vault access token add 0042 --kind 'smart card' --to An --reason 'first day'
            vault access token add 0042 --kind key --to Binh -q
            try vault access token add 0042 --kind key --to An
            try vault access token add 1 --kind key --to nobody
            try vault access token add 1 --kind key --to An --identity An
            try vault access token return 0042
            try vault access token return 7
            vault access token list --json | jq -c '[.tokens[] | [.device, .serial, .holder, .isOut]]'
            vault access revoke An --json | jq -c '[.tokensOut[] | [.device, .serial, .holder]]'
            vault access revoke Binh 2>&1 | grep 'still has'
            vault access token list | grep -c 'no member'
            vault access token return 0042 --kind 'smart card' --reason 'handed in'
            vault access token return 0042 -q
            vault access token list 2>&1
            vault access token list --all --member An --json | jq -c '[.tokens[] | [.isOut, .returnedRecord > 0]]'
            vault log show --kind token --member An --json | jq -c '[.records[].about]'
            vault log show --kind token | tail -4 | cut -c1-3 | wc -l
            rm -rf home/.cache; vault access token list --all | wc -l
            """)
        let expected = [
            "The smart card 0042 is with 'An'", "2 error: The key 0042 is with 'Binh'", "2 error: There is no member",
            "13 error: 'An' may not", "2 error: 2 tokens with the serial number '0042'",
            "2 error: No token with the serial number '7'",
            #"[["smart card","0042","An",true],["key","0042","Binh",true]]"#, #"[["smart card","0042","An"]]"#,
            "'Binh' still has the key 0042", "2", "The smart card 0042 came back from 'An'", "No token is out",
            "[[false,true]]",
            #"["smart card 0042 issued to An","smart card 0042 returned by An"]"#, "4", "3",
        ]
        try run.expectLines(expected)
    }
}
