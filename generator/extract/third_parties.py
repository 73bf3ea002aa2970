"""Companies and products whose systems others run, by what they are used for: a name that documents need not introduce.

To teach the extractor one, add it here, in lower case with hyphens. Words that are also ordinary English are left out: a part may have that name.
"""

from __future__ import annotations

from generator.extract.vocabulary import words_of

THIRD_PARTIES = words_of(
    """
    adyen auth0 braintree hubspot klarna mailchimp mailgun mailjet microsoft-teams ms-teams okta paypal postmark salesforce sendgrid ses
    square stripe twilio whatsapp worldpay

    apns fcm firebase google-maps here jira mapbox onesignal openweather openweathermap sap sap-erp servicenow workday zendesk

    algolia anthropic cloudinary dhl docusign dpd fedex gls mastercard openai pagerduty plaid schufa sepa shopify slack swift ups visa

    azure-ad bloomberg cognito datev dynamics elster entra-id equifax experian google-analytics netsuite quickbooks reuters segment

    akamai ariba avalara calypso chargebee cloudflare contentful coupa datadog descartes duckcreek epic-online-services fastly flexport
    freshdesk friss gamelift getty-images gocardless guidewire hermes intercom jumio launchdarkly lexisnexis mapbox marketo messagebird
    mollie murex newrelic onfido openstreetmap playstation-network postnl project44 refinitiv sentry sinch splunk steam tink tomtom
    truelayer vonage worldline xbox-live zuora

    afterpay authorize-net bancontact bizum bluesnap checkout-com computop concardis cybersource datatrans dlocal elavon fiserv flutterwave
    giropay global-payments ingenico izettle lemonway m-pesa mangopay mercado-pago mercadopago mobilepay multibanco nexi payconiq payfip
    payone payplug paysafe paystack payu postfinance przelewy24 ratepay razorpay redsys saferpay satispay sezzle skrill stancer sumup swish
    systempay trustly twint unzer verifone vipps wirecard zettle

    avaloq bisnode complyadvantage creditreform creditsafe crif fedline fico finapi finastra fints-gateway forter idnow iovation mambu
    modulr postident railsr riskified seon sift-science signifyd solarisbank sumsub temenos threatmetrix transferwise transunion trulioo
    veriff world-check

    abas-erp afas agresso bamboohr business-central concur datev-online deputy dynamics-365 e-conomic exact-online fiskaly fortnox freeagent
    kronos lexoffice lexware navision odoo-online oracle-ebs oracle-fusion personio planday proalpha rexel-erp s-4hana sage-100 sage-200
    sage-50 sage-intacct sage-x3 sap-concur sap-ecc sap-is-u sap-s-4hana sevdesk sovos successfactors taxjar tripletex unit4 vies visma
    visma-net xero

    africas-talking aircall airship apple-push-notification-service braze brevo clickatell cm-com esendex exchange-online
    firebase-cloud-messaging five9 genesys gmail google-workspace gov-uk-notify govnotify infobip iterable klaviyo link-mobility
    microsoft-365 microsoft-graph nexmo office-365 opsgenie ovhcloud plivo pushwoosh sendinblue smsapi smsmode sparkpost telegram telnyx
    viber vonage-video webex whatsapp-business whereby zoom

    api-particulier bankid bundid clave-permanente digid eherkenning entra franceconnect gov-uk-one-login itsme jumpcloud login-gov microsoft-entra-id mitid
    nemid netiq onelogin pingone smart-id spid

    adobe-sign d-trust docuware hellosign namirial penneo scrive signicat skribble yousign

    accuweather aemet arcgis citymapper copernicus esri geonames google-places graphhopper inrix knmi maptiler meteo-france meteoblue
    meteofrance meteogroup meteomatics meteoswiss noaa nominatim open-meteo openrouteservice os-places planet-labs sentinel-hub smhi
    tomorrow-io waze weatherapi what3words

    aishub bpost brt budbee chronopost colissimo correos dachser dakosy db-cargo db-schenker deutsche-post easypost evri fourkites geodis
    geotab gls-italy hapag-lloyd inpost instabox inttra kuehne-nagel la-poste maersk marinetraffic mondial-relay onfleet packeta parcelforce
    poczta-polska portbase postnord routific royal-mail samsara sendcloud seur shippo shipstation tachosafe timocom trackunit transporeon
    vesselfinder webfleet yodel

    airbnb amadeus amazon apaleo bol-com booking-com cloudbeds deliveroo doordash ebay eventbrite eventim expedia feratel just-eat
    lieferando magento mews navitaire opentable opera-cloud sabre shopware siteminder skidata ticketmaster travelport trustpilot uber-eats
    wolt woocommerce zalando

    adswizz amplitude assemblyai azure-openai comscore crossref deepgram deepl deezer gema google-vision gracenote imgix mixpanel
    musicbrainz mux nielsen orcid overdrive prismic prs-for-music sacem siae soundcloud soundexchange spotify storyblok tableau-cloud tmdb
    vimeo worldcat youtube
    """
)
