"""Delivery status notifications in the shapes of usual servers. Everything in them is fictional."""

ADDRESS = "lea.fictive@garage.example.org"

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@relais.example.org (Mail Delivery System)
To: retours@portail.example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B1/relais"
Message-Id: <20260317130501.9@relais.example.org>

This is a MIME-encapsulated message.

--B1/relais
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host relais.example.org.
<{to}>: host mx.garage.example.org said: 550 5.1.1 User unknown

--B1/relais
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relais.example.org
X-Postfix-Queue-ID: 4F2A
Arrival-Date: Tue, 17 Mar 2026 13:05:00 +0000 (UTC)

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.garage.example.org
Diagnostic-Code: smtp; 550 5.1.1 <{to}>: Recipient address rejected:
    User unknown in virtual mailbox table

--B1/relais
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: Espace de connexion <ne-pas-repondre@portail.example.org>
To: {to}
Message-ID: {message_id}
Subject: Votre compte

Bonjour,
--B1/relais--
"""

EXCHANGE = """\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@garage.example.org>
To: <retours@portail.example.org>
Subject: =?utf-8?B?Tm9uIHJlbWlzwqA6IFZvdHJlIGNvbXB0ZQ==?=
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_9B5A_"
Content-Language: fr-FR
Message-ID: <b5f1@EXCH01.garage.example.org>
In-Reply-To: {message_id}
References: {message_id}
MIME-Version: 1.0

--_9B5A_
Content-Type: multipart/alternative; boundary="_alt_"

--_alt_
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

TGUgbWVzc2FnZSBuJ2EgcGFzIMOpdMOpIHJlbWlzLg==
--_alt_
Content-Type: text/html; charset="utf-8"

<html><body>Le message n’a pas été remis.</body></html>
--_alt_--

--_9B5A_
Content-Type: message/delivery-status

Reporting-MTA: dns;EXCH01.garage.example.org
Received-From-MTA: dns;relais.example.org

Original-Recipient: rfc822;{to}
Final-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP
X-Display-Name: Léa Fictive

--_9B5A_
Content-Type: text/rfc822-headers

From: Espace de connexion <ne-pas-repondre@portail.example.org>
To: {to}
Message-ID: {message_id}

--_9B5A_--
"""

GMAIL = """\
From: Mail Delivery Subsystem <mailer-daemon@messagerie.example.org>
To: retours@portail.example.org
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {message_id}
In-Reply-To: {message_id}
X-Failed-Recipients: {to}
Content-Type: multipart/report; boundary="0000000000005f1b"; report-type=delivery-status
MIME-Version: 1.0

--0000000000005f1b
Content-Type: multipart/related; boundary="0000000000005f1c"

--0000000000005f1c
Content-Type: text/html; charset="UTF-8"

<p>Adresse introuvable</p>
--0000000000005f1c
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64
Content-ID: <icon.png>

iVBORw0KGgo=
--0000000000005f1c--
--0000000000005f1b
Content-Type: message/delivery-status

Reporting-MTA: dns; messagerie.example.org
Arrival-Date: Tue, 17 Mar 2026 06:05:00 -0700 (PDT)

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; The email account that you tried to reach does not exist.

--0000000000005f1b
Content-Type: message/rfc822

From: Espace de connexion <ne-pas-repondre@portail.example.org>
To: {to}
Message-ID:
 {message_id}
Subject: Votre compte

--0000000000005f1b--
"""

OUT_OF_OFFICE = """\
From: Lea Fictive <{to}>
To: ne-pas-repondre@portail.example.org
Subject: Absente
Auto-Submitted: auto-replied
In-Reply-To: {message_id}
Content-Type: text/plain; charset=utf-8

Je suis en vacances. 5.1.1
"""

SHAPES = {"postfix": POSTFIX, "exchange": EXCHANGE, "gmail": GMAIL}


def write_notification(
    shape: str,
    message_id: str,
    *,
    to: str = ADDRESS,
    action: str = "failed",
    status: str = "5.1.1",
) -> bytes:
    text = shape.format(to=to, message_id=message_id, action=action, status=status)
    return text.replace("\n", "\r\n").encode()
