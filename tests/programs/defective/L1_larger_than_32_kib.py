"""Word chain: how many words of a list begin with the last letter of the word before them.

Defect: the file carries a dictionary of its own and is larger than 32 KiB.
"""

TAGS = ("strings", "counting")
ORACLE = "equality"

WORDS = tuple("""
    zuglen hutrim demil zower hastur geplust wimen zuplul subel drizor narem plolut gistust vutril plebril lupun
    nuplar valor bruzost fofam pamim trike glafend pokur rojist gogat glilust vunen britrin zagan ciglost weget
    savin bumar rison gural pokam japlon kunan dafat gloplend bemast drabrest buplom guvam papar bowo pleku muno
    sakut drurut bronand drevet jebrost bocest nadrer stusim kica fobin kozar vubust kimol nisur plasen stagund
    plinol vibra pugist pluvo kohin trewom disten paplar ruter kuhor botrul micust jobu mozel trimul telar rafon
    studrur kibrat nubrer nero hastot glojel retrot godrim plurom brokond drunim jivar jivost goden dripel
    vidrind leglom toplund plawa zacust fadal migir glabrat bucu refol weglit dugund trudon glomim kuhut mulest
    ceter lopust dradrut kobrul vimam tadrum nuder sofar tasot tralon stinil brunest lemur wistir lepla duplel
    plidur rotind modar todel ploland plasit gatund zigast tremal wacum dohund fibrin jeplest zetot cutron licet
    cicem warat nujur wibind nokom kimel driplun dakal drefu stopler wastir brebur nusar tagan bufel cedon
    haglil beket studror sadre poket rebrand wadil cezo brofind rusem naplind brafand tovit dupli bracu wosol
    cufost penem bijam glokan kunir kistul glazand dopin zefel rutam studrer vatri pojo sucend kefust druger
    numer hikat pube zostot locul pastut geplen pigil replur gurat wefet stigan diglist taban nuhu sebum rugon
    fazen briwind kasor jirem lowend haplit cabrest plapot fazust mikast rogel stirost pojal ponor vobral boplem
    drustur nutrend plipor curum jurind dofa seplu brajor brepest rifil somend kozel cavest ludrim jirind wecer
    himot drubret basend dratral stibrost gatut sistam wijer fobol ceplul bracend drufund mupot winal glidem
    pelend betond pafet jepot meglon joson leplet mugit plufim zapist tugat drutrat keplul vuplur datat hewar
    vocim hevo riplul nomost kekir brotrim gusal homend gobrel trustel lasa havel dabir sakin druhil trafel
    lasist ruzen mafal trifal stusest bratrun trece kohind razom sudand pleplust vatust wegar hecam stodu seplom
    camem drapost wijem rusit jamar bruvem plidit waser plagut topet vovost tragest juglim gilo ploten drisa
    staplut trivind vivund nulan ranust drusust cedrur zabrot najust brukut druvust glinat cadri duzal hotrel
    jofo stiwut gligast naso trevin henast kustum druglim taha druhir jokom pledral druwon pusu wadand lenur
    vinil gasan sehund dijan pustat zeku venar hucest mipast plekin cuze garot plebrost wocast puzir remin
    hiplest cabrost drerar vetor stesom laplol mowan ritin boron nuglu patind notrum glewan fotret vetrind raler
    tucast lacet sutrind brotund drobel celo breber drowond makal siglond jecu sodal stobret mude cifin zuwet
    brodam nuzur bastal wacur tastond manast hunat mazol kadrit pohem maho tretim bajil belut geman dretrem vada
    bazar latrut wiger wuwel drojel dipund tracust cekan jifet jogum hilast tewust wawal bresel cilat trewul
    pluler dreli wuglel gatren plegi brehil stokan lujund gletran vemun glotar rehum stostest pemi sipa remist
    glanund sore vehest koplar jufir cudest vatend kutot cuhast mejen tretel glucim plolom tabar triland hunust
    limost fojor jaget drahum giget plovend camol vaset cihar gleglot letrat goha stefom lajen jokand tadu welar
    tromost suvond gerun lorut funam glemil truston difund bretest huplund latrin subot dowul plewil brejal
    daplan druvost trestist miwen kapler mikan stuzem gicend gecun lastil jajo dudrind glodir jeban sawim cigo
    bokel jeplan bricin fahot vinun jenind tobal hasum pluwin brunol plicu givim cuhir medrot kapur kodrut
    lutrand milot plesim jilar lorand sihum wedut kefat bredrin kepal howol stenun rovust cutir plibest zikut
    girel tiplan trobond drodri fusor starat lirul gibrost glabrin jaglim gutrut zadar fose japir tremu ciret
    plemom bicind gebram drukist biplil wewun lastond sote stize dritond jirom takot vistut nujand stuwost lapur
    morar fudur sudond pibi jodrand cedost kiwam gledror judut fejost plufa kadan digat sepend pulir tuglend
    fidu tromust zofon trubor kehi cubrir donol trizom hera kuvim filot kozu ribrem traku kopust redrel malind
    pubot suca lodol dukam roplir dristi hubam hebre vatril sulot tubost webast stahist sika fega bemet fugund
    cekost fowend drerun bobrer vica tugen talet pladut plival stisend giplam nohul dranot naplust brinet woran
    mizi treplem wakend heva ketam lubrit diglu driwir cujind rovam bitest stustom risil redist motrund suplum
    glurond vatru fuven helim kuhust fulust drugot baju hemund gluhom tipol stafin jakol nusul stugit tozest
    cunind lisil drifur noglun kobrut gefal brople gluka glonist tarur glomul mesat trebi fibond dastam plistin
    sopend riplond newan jostust nowa racel dadrem lilust zubran najat stokust nimo bragond daglost doplir
    migland jahest pluwa julost dregun gizil vejor drigle bigland baco pipat faglom natrim stibrel jisto beglend
    glopan fistu mulam relu plalul nitrost stacen fejum mawost milet milust tristet terust duwot gapir jestet
    papor hatru semet fodam hudur glucun peli trasind plicun fatro kostost lufit weglist kestust truwal gihend
    cobe favot sozest cigund lulum jivel catel sirom budond tibram bucer rujist dupul glutra tricot cuco plewond
    sufer huhen drawit miglu nicest trirind sobral ruzust bekar rudral jutret gagor fepa dazir stobir gitrol
    fajum stokul wanun hejin cuplom dajul dreven trurand tikund pehe gorer toston keken fusti ruzun gahond bawur
    wosa bocu tizand tutul kivor sudrot traplist zubir vukel rotrum brodest glebrel mojal cizand plagit nolo
    plogist stubat glucin vicor satrest jegend truhast darend stostol cemond lapu kinan kitun velind nonust
    jufon buwund sozi zuvot buhund maplo vidrit zogan tepund dridrust lubrir teca plirut ririn kosist hemet pope
    fidut truwand dridrel tretut stovit rizom drinol najum drakind mevund wikut marum trobor geplin riker vewit
    docand travund glavust tarut gloglim potrim zubol gagum hical draglon jiplem fodel vawe fahind bodrist jodum
    brufot truren litrir dedro dopu sibrust vetrol vehor sinel biwend vunir jodu cumut jebra glozast ruglel
    hezol glajind fucol fadrer hojil rufit sudot stowi liru glisit nekum rijust kunin glizir fupand drestam
    lofat drilet colin brofan hostest mowet brodil hala plestem fuget beste vaget gazand cipun botro bomind
    vucum dratra wetrir janust wuhend mikat zotrum socast fotust huzal pijir gluglost brufur bebil tavot rimi
    loga ratru jitet dromi bizest lukar natil breful vewom zagost modam mimond gimun trosom linen nestil holur
    petat kinir drivon stedrast kubut bujest zobur jitren gludor zejost difol gepom nugler drezat rumend finest
    salu wodror doson futrond rokest draplom dihum sisist plarim brokar fakat tratand luzol hanon rufu trekar
    brabrut tasust penol tegol kajam litat totet cunom mesto trifer gebrend trocat plunel kizam fabel cubrist
    giplost plasal fanan cogund tedu zipund zitil faze zosun glirer brajam glupi fipul hecel vibrel kehil fakum
    sihir logam drapot replu vovond cobran drudum vaki calun vadur kevot bridat plojut rage wobol totrat pludrul
    nezo gloho vostut hole teplist nunand brizest mutum platast stapur glopist tibond brumand plejon witrend
    hogle veland mowin kokor dunest feher denal brican kuget filem hedren plustin vidrut driso vasam hastol
    zepand glidrim wicon brocist tutrar pohond dika figil dezam dedror plistul jicir brude plalor stamet glijim
    turil fope paval worel bonom ligo fihe juglum mucil kastist drovol saglum plonal didrend luva pabond gejol
    puden glazum rutom hasil berul cedim fasast gibist kadrin katrin druplum jipom cigot druhend bopind nustat
    tijem traplind glibrer droglat gagli taher vifund drovum trivar runan jedrut bohom waglut gloha mohost sedul
    ciham subrom zafal natrer gline fefond tritrut stipum stabem brelu kurel stomam vuwest cuzom gosen howot
    pifum zebel pitim drovast ceglar befu novast finer reza druzot hagli cesind mudro tririn gluger nenust
    bucost kopind rofa librer stehin mutond cobit beki gemund cinim bidrer hopust pupla pigi ritrar tuhund
    bawund coglut draglet heglat vodrut sinet stetrist rufat mizin mazer kidol truwust tivur sogil rimer toglend
    biki cerast lipin plufal levam fitru kabrom budar tredrat treju todir stagi guzal niglam kaver wozat truwor
    plori zitrut riplel wizind joglust gutrir mubro dador farind lukur pitril plawar wostam statro tefem rustat
    sticor suzar panon gahit mezum zuvel cizet bodond trakur wuse stizut drubran gadrur pibrust brezost borot
    labal hedul glatin drokend zulam bropem gope tupast plaplest gemil gliplor tivan waglost trebre kutol gafu
    panel ricem pudam vecust nukam hofa jiru guglur pukar brerul walust hifost bumun tacet dragust cugun rurom
    hitre jufi stipon dracund pojond stesun zaplond zisu sijend segut dulend drofand bretul bromi retan gludral
    bahal dicat budut drafen govim kodrir majir mokul wodest stotur sorer wojim stawu haval nifam stirot bimast
    tovum cabrom lotu brogit cupom bodrat lutrond nahast hoglest gastot voglind ziker winim seglir stazist husin
    solin kode dridril cecund jeplust comor lanol simor stovan tewind rota vazost pewit somel dracal ruzond
    zapun glaglil bririr neko latrost bugla tiben glestu drubar trakost destom sajast dacor karust pluglist mapa
    cibit treglist dustir traglal tarund juvest monom fekem tecust diwest kapar zotron gisti zarom mozan tojam
    povol cohel teglol danost zenand glalu hesen besur plawim riplun bimat boglind zopler winom tegast lemun
    mugind wulost glafest nejend budrund mafen kowut zamen pebrend vowond zahe drufu nufe starit drarust kuvet
    musest fofil nower dripur fiza bomur vulund bukest zimem rohil lopur cuglol kenost druvan zojun joril rinol
    juvun lepem nanem simut plakit zunir glamind dudot vedrost plalel zeglist fejind gehil tripun cihil jukil
    sakal kurur hiwur ruhen stulund dutrut tiplal tusul jostut glabram mida gloger fegle tupor jiju plubor
    ladrat brubet stetrost trecem sana tekit gusor hubat biplot judrut weglest glehind debrel dazest wimir
    bapand zajind huler zetu tuplind bazist briglim brucast stepon stijol treglet wivar nolir wegun webrim zukar
    tedra gloglend sudust muril plogli sofam wuplast tipir mopler trutest lazet jolat dewom rerol vuhu trimol
    fopli datrem nagun stoken trustost liket depund cimind locir cesto lizam dripat bruvost rasin watot tiglel
    dohand tumum lenat kufast veje bacet woglor tozat zibun pohand bawem dukar jarol buhur zikar bece tovi cuzol
    broju notot motrur mider stugim kezar vuro nafi kodast luwend fobon jadrast pedim jinast trucat fotrust
    tutral jiglit fobel storim heglet riro gisost trine lehom sidost seplat lumist kadur cakel mubril cobrast
    fefe terin wukost brufar kuzi gejen cijust ribrist fevir zinast hucil lopil trice sefest gelust moplil juzo
    brukun bilen drostist plojind plebrol jowam glenind rustal jozan nehend dajun ralust minul plidan jeker
    gekit jofun jono muja drocur wici bristom jatral zerast giplar wugist tridar wavum pabost zuwen zudem
    pliplut musin drinon wulim glakam sibin truton stebist wubin kogil tizam cutral fabam ganost brujust
    plistust wavend widrun jastu dohem breglust trojan drebran trazer zekast coril tratro jalast dadrind pleket
    cavur sutin gliwa ridru gamen dolem dregust glepol raner stekan cizem himel bririm tujast kakast daplil
    nijet runim gegle tufet zistim goput mowal novit bopil plezel jitril zohi nohe nipun pomem ditrend plenul
    padu katrand diret zeplast nijim dabat guvand brovim brudrind glagla glebend kakol troglo drotin glagle
    cebal jagel bodran dranend kakan kesist voman depet pepand zaza brigul canast glalust justim tecur mubrist
    trabrund cepost plutram butit sitrond rogar nevit josist vutrun jokul bebum kaja hihi cebond placi veglut
    gleplor homa hobrom zijir kalon dradam pujut mustar nedrom zilot zokor macil dewer drosind jaglon rutrond
    drupin plumal plopest zinan dopal sobit ditam vobrest fodand glidin briven vijal cido nimul nopla stuhil
    sadond glutron hawor lelir glurast petar jevin bridar fusom gego vefind dregen zuhan mesan cerust plazim
    pupa plagi drobrol nogam doglor brigir trukond glawund zihim brafen motond geta cera bripu zofor drekim
    glagon dramum rufil trastast togest fivum druvast govar litrem cadit pledrund kaglar rolet luzind vaplut
    pezend vizul napur sajist plitrol komast nemem judrim weplend trucend storum citir niglot gazel lulil kuhu
    glastu stotor beno gewar sabrat plabrom wulind glajan sitrund vijast kacin wadrin rogim hemo potit gomul
    vicast debast pigol berol saplil plostat triron tribond tonan tetrust vohan cegor tice stewist juwand
    letrist nigan fege moger glavet liwut glalon vekul lozor droglest segest cina gacur biken stanan tojar tugut
    petur brotust dranind brostom fahend visol kecust zoham jafust plitron kuglim druvol pojat haglom mucol
    nibond hezast glogu zaka haker todrist mobrand taza warind newir tetrit gahast braglon wafut stibral bribo
    hobrar wuger brace nelor matel lefand pladral finin kuband figlal trabren drostand fufond mozon tribrind
    dinum plohul nabal trajel glehin jabost socom locest kimit dreplil cenust vokul pobe fawot podol cevist
    benust gledon stagist vagam giplest treglost glipand suker heplun wuland caram costond dronan plugo gleki
    fihal degla nostun vipu debrit pitend hubrat hemil vazol bidrom zazu manond postir dreze brizom renem mibast
    zujol wunond glizet stetrom gosist golan sune mesil drugon zacel remut stowir tahur gasond plutist wazen
    truvot bijen drubul cemum dugast plokum sevet mugli fedren glowar vesot kotund maplor giten mejir ristit
    zigost misor faglet dekest cegust fimo ristund retri nibrin powot wupist sucon ragle lukend stestom gligan
    siwend loglir zinim stuma wasal sacand vetom pekul sisund fecal vocit suglum trebrist fedrul brefum draron
    rerend bidind jahul ranor jorel bikut busir nobrond notre zukur mijur luha terind cepal stanor bode fotra
    plupust fazir kelu gokost jemem bridon poban jestit goren dobest raster glitind nezil nadrul kolit sijum
    bubrat zuren glevand zemi vador bocand pleham stotir mivast wuver stibom bralon plesest rople pefost stejit
    plerat steton keplund festor hegu sopa glutrel druren nohim debron madu powem zabra pajin bamut beston
    cebind cuvind vodrar tozan hopur biglo huglor natrest zozit stadrond tufor hekend pludrut glebrat gucur
    vefer sacost gemind botrust nawon pipu cobrend valest maba herast ledri trevot ratin mijat glofal wuzar
    dredet zedrol nucond stinal glikon zovut plagle pusto pilond zaglor buplust glokind gluwur glalost cupu
    hodit cuzat biher stoplest fofast pabrum luham drudrit sedist wodro glidul dadim wetrot suzu cuglit gastul
    gluglal vowen bemir moband ritram trevon plofun bujom ridust woglut ceher gligend lebrist wilal fejin jikul
    faplond bradrum liku bigon bosest jodrend fatrun tovom rewum keman plosut gliwost liker meplast stawo larit
    leglind pliglo plenem vanat wobest gliplo bastun gloplo pidram brarir leran sazan kusend nudrust sostot
    gacan bufor bakim wihest brotrend trivon rila drosul sunund jucind vaplest ceku plupland weper glivest
    dujend saran bujut peder lurest jotrist buwal kafil pobron bruher stunot brufend bihi muvel cocet gacost
    nutrast hucind glavon jalost cefum fetin rihi vufut webut tuhast kapot drucist seplust debund trurast
    lestond rogost drikind hitror gusit naglu glaplol patel vudrol razu wola briplind zetram lolal ditan porond
    jehan glodrist tetel pustir tofond fajar zanast duke bracon bagist traplun giglind lana kidrom glulend
    kizist gahum hevin wilust zilond piru ratrir trejol branin brukond gibrist gotrom zebim retror stucet tekum
    fevur kena pudost cudund siglur westul karend raka munust nelon gledrar glolim diru tropli stupot mosast
    trego kotran cukan ploplist wikir cifol plofer truvem fala butran zaplin jabund gudul besat calar brefor
    suhur drilur saglur pozit tufist brurer fonend fecust zowul namind soril tidan dicum glubrest stilot brume
    stoglond sidrist nocost plasul kerom briglin mizast zezet kirest bratram dawost jakim duzel vebi tokust
    plotrest stestond kapi tafum gavor judom zidrat zusim higir zupul stibi kubrem zetast sostind tomut borost
    kulem zocit cidin nadrist vefond luco lufor mitral cepom zitral pestun coce samel cumit faston tiglen juplur
    droplem viplust busar coston tekust glujet hadut jirost pefum gusast cokol bruta dradend cucist vaput juler
    poplom miwist plovet wufi finir duman cujil carond bretem kula zenam picost gojest cubrar lestam wunend
    brozen cigol bresil mitin bino bomet trucim dubut tridrind pukust distor halond broplom gladrom pledra
    tridra zusan futust hebran fisur nilir puhu plegon vaband starur bafund besast gupli mivu woglem pifun
    trajit juwut rese brocol ratrund plicul glitrer bifan rutru vustil gloland drarand logor wazist cegar jivat
    havar ladram cipest katror glufen kenal ribret nekist fajust hune sebur plopist mojust joler ploru vacen
    vestir fefil dustest plagum casal depit necut glabi glulim zonest didrat bipim zedust gliglon curot maglind
    plokel lipost fupem sobet woler jihen stutrel jajir loher ruwu vizot mofun trura trumond trajam trazur bacut
    hecund tuzest fipam vatren gloni gitor tupar mimom gudrut pabran kesut glafur goplam webrir josa sedren
    troplul nomul glebrer ladrir mapust sefi troge kutral nestam hari lugum lawe broger nagland ziwo wajor kerar
    dikol nidrest vabrul ristist tevund brebrond hetrem troglel jabut zarost rodel lawun tedrar stosend rotrem
    sehand plecest gefend kijal brurin sijit hegat siwot cowend fesund mitrand hocur drugost dihu titrer webur
    logo brokor vejom zazan glanu zasir plestet ciglond polu watrul breplam stugind stusem drujir pebrind brepla
    dokond biglir wutrun danal boglot wadet gulest stozir brelind truhet vute matust drudrund maglest huren
    bobrom zobrol bratret dudond reror plinost drimal vagind pluzun fawend zisar glijat conim hadro jepond
    brigur mirand cizest higi plizet hahot kugir rodrit plibem hetil kekust mudrom widrist cupind drohem zimost
    brovur kubot sadrul dagut gohar zorun mogand dotir dastend kerel nimel plokar zulem pecan litrit mugel
    gluglen sosest stoke wofi tagand miglam redran kusot glaglond huplest najind riza trovi gijo zuglal dekal
    gijam hakat glenot trawend nawar plabet liglel gluket runum rebrur bribun rira drizist juplond wabust kiwim
    datran butrut drapler lecan glekind druzum huplem doce jegam nanur zimat glaplond glerund vetond stifost
    stavom veven tresil ginil sumo ruja bukond sizun drobist detond pludrol glagast jusal nujol cuglut rudror
    hetran muvat retrum sanam fivond tomul trolut cobond trodim towin vipind vatrond celu rodrin glevan tralem
    tubom boglel brugle tuke hobast trutast kira babrol gehund dristest zabe glakol delust draban rigan kadran
    jepul sicond fukend vetin kokend dradot horil kusin glirul juset fujir globond movut zutir jihum rikind
    zipol nobret trasand luplin hufust rilem hihu zehom bronon napen stubrer drutust guhor nodrut getra tutal
    kazim gijul caplest dosam docir hikir zapo verond fadrul gaca benund vason girest liwand kelast kopest
    dribut studrund seplan gledrom jesur jastor glabrom plero fibat dejol rizond rodit nenur westom palan
    bodrind drekand jujot plonun pluran nahut glotrand jutom drijer sebom nupot tistund statun rigon zifu kudor
    trusem pluber resit laglal figler jovi zivand cafost wevo kelil vowan zefam pludrit glitrist fopem bawal
    tofor rudust kubrur nister rubran kafond dridrer jucem jemit henol novut trawor cuvist glabril saglest
    dabret plebrund vutran dolund bepem nivir tregast trudrel fohil glamul viglel tubal wite pahom disin peplust
    ragol curem coglel cumin lecur dubin daglo glabre stihen glidrust sile plagir kumer buset misin dradut draka
    fopir trufast keglo pluplur bruwen stubrond pafit wajer tustar motrind stupi daplom cubat gibust honond wehu
    driglun dudend jacar kojond vumund drewen domund zukast keplut wistust gibind tijin pinest lafen tratrul
    ledrel wibol dovur dritro nabar tufest giset wobem lejet wejand cestand nivun zamost bovend dretu drimum
    metrum zujet rubrand nomund cetrir zijo numo drufust trudond stowit weman bowal drujin kugler kodrot nafest
    nistol mudrend lihur glubrand socun brizen fibrel lozat bopam hamut citrin cikil puvil mudre glepir bonat
    trena nosel kezil jakal rakan huva veplund wacir glevot leglund nistor plosan poval lomol bredrem wirem
    hagum gavond brudret bratost lorin gletu kitrit trebel zarond zemot judind heple wiput wemund gazond numan
    noci rodrom ritru stiper fistim pladit bukim haso caplend sibast rebun pestend jolit rukind brotand stedrel
    segar kogol gunind vagum hebrul mucat leplit hivet glihan lucul ginim sipor fehist metril stagel busat
    nestot zurust matur trubi plaken hidrit fopest cuzal plefom sufest hedrit higam metru nustust tadind wokel
    brunem nebist mowest plofen cudret druhit drojind sestest draplond binam truril drejar dinust gluplat
    nigland jihend stutra stabor fekal glestat brasot vodrim povot nabril bapist neglest sono jazom dracol
    brehal biful vidrest vade jaca divor gliful kisal depest tanom sohir cosut brubam vakast jazo gomol saplor
    rerest brihun tofim ketrond trubist lubrind zuram fohir fohut vorin listust travand lilam jidel brudrum
    detrun cobur gojum nutim kotir plesut togi zipland nidar tahor kitrir cedit hekest wudi safim stimir somist
    casu sisind tribru vupor zoste brobrond munet bripal vomund hucund kotur tohon tralot hijam dakost fizir
    moglist potul soju fulem gaplund nevar zamor johest hatom brudrat stefen rabron mutram badran rawut gugim
    piwot wufust luglut budrun trazin kihor jefen kobre kitron huwo ceplim trevest plurest plekim brihom ciwest
    glubol plafem pini tazind glilun plubrist plaban rukom platra dudund lucut kazet plemu pokin hojet duplan
    truzo ziwon mubrir bogland pluhust fuzam zaba tebust cotrin lorund hutrost videst pipil parot tawand wobrul
    risen liplol lubal viplam gitond siril butrun voglust licam gafit bocul muvin citund gumit sobrur wolund
    padren puna recal rewon stumal hedrund nobul lakel mapli pirol zihost suwe tudrist puglar gleler gemut
    medrim divond pasem stewil dradrar drobrin replir cezer pomund biplost zetim stowa nopand kecand drudrel
    dratend laplast pomend vawet rodrum bruror wibror hilund haman pluvest netril brufim trojul jowir larer
    hurir woglast ridar maglust zobrust jemot stazast gijen laren glumond kazom zizust maser restu citrand
    glusom silum kacer badand jumum drewan brujin vudro sadrond plusa devand zihin todul nesust cibren drutre
    jibrend vafast ratel nokut brivot donom zazal sostir leral dajon vozir degen johom zofen mimost hugot
    plaplust fotal puwi stuwom plahul wahil plevil wepol glocil wenam razan supat lohen natren trepi stipur
    fimal jatin gluvur plowir zivol rivend musol hoplet sukist stiner sidrost waru jozen hecen tritrum gluwut
    pemest hedrum brepan pakist jikun hesom devon glesti brecen haglost julel nistond sidon fefim glitren vidre
    fistal dener drowa deri sumel malen stiwur truhust ceplem lodar badrest pabend pawun kapind bavot puset
    ciket raden natrum pefel lizil zakir tresi stepem brepel wehur juwot trojust mostan broplust heglor datu
    trafun linat teglond loket brege glolar brujol moglan glohem bopon puron plover britrel stadrim tritar
    pluhom pofar liper trober wunast metrist venal vape pedit gojil harir donem jibrust renir vastir tiplur kigo
    kalust horat gehal figlund sodrar mine pludrir castam pliwist hoglo wenar geji gotrest tabrem brupat niglen
    staglost daplet widel worast dubrim wobut meplit notut padram jikom drelast glutrest tidrur drunist nulot
    gisast dagland lifam nowol lobol fuhel mobir wimund temut borast henind troni cinal jahend stuher bofist
    drogund plipar sokast glabund mezem kozond trepal cavor wabrom plemam kakend truvom mejam hodrer dedond
    mewen modral fewand kuzor loglat bunund wemist tenom puhin tuput cihim plowat vilist brutror sisest brotum
    pladrur jibun litist jiser mibond riret trucut kopist suwel kidi nukest kotet duzust conist stodral wehem
    bever menend stepil plezot faglist mopest vebra jabrest lozit botrond curom tridrar fudrer drupest rihot
    drahost jebri gegar focun vubrin glelast fubu faglor dridrol givin talut vana mican modal trusir lemet
    pefist cipa fora plagem binir glaglund hofan laha sidind drekind trocur wibril steple titrend pubrin kabest
    bugom brejond medi racin dulul trafur meger bubrin riber garam braplar nedrot weglund wunur pekist robil
    brastim wojund barit mebind stistor dostust fozot regest docem jazun gijum trofum tudot cifend conem stitar
    rilond gleba plejol nozem cipla sovust puwo brevi nivet glubrir druglul fevut nelam pistend sudit trezust
    ristem drovam cavond testond nezi kawund plepin cozund plumul laglu mabren plejem merist trubir didit nuwal
    tuglist gabrar brodrend sepit huster trecond godrust trimon mekond bola gihor bomol ludri baglam mitil
    nebrin jetor badan kiwut tozel brinun nehost drinom wofot glotond mafor mupum drastil lekil sugler fegend
    jasa tomim plewor docam plebrim judal lokut brecin wamar kurest pacind mostun ricund wutrin trobrur tifu
    zopi trogli badast plibal drekam jewil kenist filim plibon paga fivot glibom daglon kogu meril vodrum drimat
    jiput hitrand triglar kostond pegir stomun kitrot kidim neplam nanund trabrim dreplit lehest powil glenit
    batot cezim jubrot stebi bofam glubon horet meper trosen tejon bonem plostot galir risti redul wazar hicind
    fecet noten cocel kiglit cikul keplam gadro juglund pletrot tuman fila cibrer guful holin mibrun dratot
    luglil zilend nudrost tusal plimal robi tetrun zuhem vewe vawur kezost sijor lotret dribrom rifom gluhur
    brastir nisend trotim huglet drebrand trubind rutrit kenul piwut dazam julin librest gloril hetu ladran
    mijon stozond hanum wulut larost miplom padre truvost zucet runam stuser suke storost glujand gosil lutrir
    fedon bradren glastil jopom drotem depon rakur huhat hemon licol numa brugest pluvon poplan stidal guwam
    draplor stivom glejist brevin venut renet trogust dubrel gohir stagon drivot datond sirin latril dremast
    vupim rihum rugond bitem waplat breput biwon mopum bremat raret drarum briple trusist zifund wogler tufust
    licut plapom pumond gloplu letur ravend drebot nustend fustut zuho motrust ratret hutru fimun mebri lasat
    plubast jikem sasu plefet bijer tepal caten nistend pofem hedot kustest jijo bula steca glutrost drohor
    vavin glodot rebest glocost vigol lufen triwam fawon drigler bejon guki jemom jihan fepat ravel gepler
    truzon glemur glicur traver stecut librom gleglon pigom vodend gocom stegli towind bresond pluri pleral
    kakil pinust cekun dutrost costund kepust jabin feral hutrel pacim fastel malim dofar titil trabram plegil
    kidral biwe gugo pusom pupost dralam dratrur troval delind glicon gimat globrind mepe statrom tijor woset
    drirost vatrem rohond rahet muwend gajor jogul vidrur kedror gufar stamond glitum siwa kobrend tawom malost
    bizand fugand sturen hedel brepil genist hesti nahund fenist zula driplund dicut geplost hatost feplun
    teglet pukim troglil malist tepat brilond pamil fodrum nesel magir negam nibret nuwot brajist tici druzun
    viplar juzur gludast tele solo plusund druwast zitrend dijul diglund beren ledun gleplem siral gahust cicen
    stuplist drostel ceker hital stifer drekor viglo cimo vitro pejit vetum varar vasand guzir kawind vigut
    dodon bepast kumund glefur giglost jedral piplost kuter treglend mamal broner glibron ploplom goto wonul
    stupe puvem ropir druvat juzand besin giral hapom wejen druze drostol fostul zadrel cagle stazir luvum
    nustol plunu modrol brulind pifest kijat tigon fobrund hucat budit mipem vuplil nera figlast votet toju
    gilil podist sifal woten plihal noglond traplust brafot padrind nobil sewend glutet zubrim labrom pimon
    latil zutra sakind teplund fahut linol tunol medrel loden rijar drutrund bruwor madrind caja bremu kaglest
    gelun fuplast dupit kehon zotrand trezim hetren hulel huvim sotrur moplist tofar jomest lodrut kafust julum
    fubron niva rijut suril stistel ripet drijat lovem pamal vovul raglut napland citret stinit budrul mostast
    brozol vahul robrist nutrim zawel stedol tuhen lisam loglen pasond dezel legot naban hozit dozel glustan
    hejil mudist jofon digom gladrum plukom woca weplur javand bitan starost bredrist nehen brivin ciplem nirot
    mutem pusan veglel brestist lilat gostat kogist huwal timer jedram deram gawi gobrun satrust zejan kudra
    jevust wenen brutron hiwet capand gibal dazost glurund stabrond glimel wacel remat plomol maple wirot mavin
    coton vaken plugur tasat wedrut zupist nefun siwit rugir lujun ruglil bikem brohom wofon fagem damir
    stoglend stonon staja carust druplen gadrind vudist kibol brubrur finon cetet pleman stotret rawond loglal
    brodal zawu trinun zurul rekund zutre jujast metrin sozist ritrim tragost mujem mumust vustind gorun hecom
    natim huhind gliglet gletul lodand dratem capom stadrust trakan drice tiglist karast nefind drozan secir
    keda sefust jezut duwar zeglil nefet brostum nostit lufim vodrit trusum guror plodind bralum lowar wacet
    lubrust lakat feplist lolar wibral riplit sejem bozim pijot paplost druzast wuvost plumer drubram getrom
    gabat weki bazem tribal kicol barul plodor cevind vahol bicost wegland wihim tamel gatror wigland lusot
    titer plaglust tesel nugir sticost stevend bimim damond taplil bawust lostar dapin sagen brilost plufom
    traplol sarund puplen sturest zistund tapur jezist ravom cesot jeplun tratrin fodun fewost stewet globust
    jarut stastat deplot debir mokund tamond drazel pehur gubist cerind zidrend budel cetret jumat wicot plokol
    jasta sulo ziwi tretat bruban keglist rulal trerem dobe dokem glakind retim fawi ratum sejul bewar lipist
    wiwest potest cuhu jiram bastond trure wadru kisend sugot jozund plamust noso seglur mokem siram glomum
    plibrol steler glebrol brewon latum vatrast jizir vubrend bapost mevast stokind drinan gligund brojem kina
    bobrel sacor fopla sijast cilum pugle cepi dosind zadrind viplot vorand kokom jopal cicu drabal ropil cisim
    pletost hifom babend sester tafit joto fubon drizon nidan jeni nibru steplet hikum kagend jecim breplir
    tresost jazil storet cuga dehul vanet vistind gamond ribol lohat dator keker liwen bukon ruzast brepler
    wotrest drilast cestot kufend pleso tukir dusand wagar drofin stibu pleju vapur nihond tilat drimor brapol
    mukur zadren resol latrul gletum lewend cifust dogand cevir lufond catrind pluglest faji stoplon wiwor resto
    heglem casat joror pigund plivo zehim juzal suhan bremal ceror drogi kibrit hutrist fabum giglin westir
    varun wofel dripin tobrin natost stipul wizan sejur nodran glezur glastut hatil mutist zunost trivan brevar
    faru weglul dromast sajun sunam hodrust jobrum zeson plaglon bozon ragu glakul lezem drihut cicind fidrol
    febar kaku doher behist nujom calel zobril macand zogen plife bokem cesand famust hifil stopin diwist jiwand
    joglit glesen lurind gunel browust gerul glehot wefat studal cile vistem plicil castet trocu fustal nuhin
    zavit fubor druva stabrit haglat distit zobrer rocer sojar widrend huze kobro rulim horond bafum tawo vuston
    vomun stuzin ridu tirur vocol petum rona zapest huglun jitrem hiko wadrem besam palet wodan dimat zinit
    guband foji jigot belat stikon sidrul taso cudom plowem sistit rojem tuhind badri jatrin miglot stastend
    hohin zitum loror broglist ceglam fakon lijend brudri drudrot stapon planot votel britra ludrund jastund
    wonit kacol jusund cenest gluzast levir vudril pabrot luzot nizor becon druvul bimest jastan kaper ruvund
    glijol luglim bumast mocet pluser huza trazim getrin plohind lotet ruwost dudrar fuki drogind rafet seglist
    zufin glitrat sucur nafom gliplem breglan lunem sirast pedot bodol metrem drucind cunin glatror jason jizend
    pluplist brodrist driston nilu gleplost fidri nifot glebond gukon recam ladrend gekund sunend kedrind tomast
    vefam cojem razand gluhon mihust cugom stestur lesta diste vikin drutrond fifol drugin mefet tuber mazand
    surul gleglur plotrin tridral sucen selum tronest cuger glivo kecel bripit hodrund tacol kilul hujem wugest
    volum brolo ficast foce bumel leper glimur glutond sejar pemel fofum zimom cubi restel glekol ziwil stikem
    jibin bemend plizul cesend plirol fabat lemist plewa sunut tustot puhit trezar mostit dranat fatrund biti
    glupir tripin tidem mofir plopa vanond makur bemest stodi rofist rebem famen bestot vitril stafi plamum
    hacost mitam wofar glujind javer lifem digen pastat getum kupist pujum drapem suzon stofur brubum braglul
    viglon zosal sorend sticit triglul bodrost drudut levu trigut staplend netram welon sigor bonal stomu fefi
    razond kuwo volat plidrol glosind malut cawam ceplel zuso bravu lugol gludil sugur dreme mebil zade vidul
    cuzim lupot raglen trofon tritend zewust cezal lapan stegim plestun trisum hevost fihist gestast bakor
    wubrut stevil plewam stofun patend trucen bevast dropir nebest suwo fudet glaner ginat desol gifan rihund
    vonat brunal lusin gumi pezem kavon hebim figi tricat catar lefo reglind kestom steke vabrem trodrir plofend
    tosti porul gija fugost sanist supit sopum bubrel fedim motot pudru brester begim voda zozost dridrest
    glacon vastur tizast naglind kusir sazol dridan todet wustot futal plafet renam cotrast robol triha jebel
    dojil sicen plegut braplist vuser drecet stofet bribom lofon mobun junit nuplo didrist level lewar civir
    brogil sasto steror tredi traglam jado ruglut rilot tadrat masom mabrul cuplan nawo wumust goret pemun welu
    gomost letrul cobum bubot wiwon gecit troplin dafor dife febrost drigast driplost vomest trujast dojul
    stamit havur kobost stacund foken glugland ginal sibral drizat bekast liglit dretind gleget rostund debem
    stutum trutu sturar truvond curit trajin fucond tirend cibru glezar branet gomut bruzind juvost zofam giwot
    kowi nuland fobim pubrest belust lavind bubend jubrand fehur jibro sowun
""".split())


def generate(rng, difficulty):
    return {"words": rng.sample(WORDS, 12 + 6 * difficulty)}


def prompt(state):
    return (
        f"Read this list of made-up words: {', '.join(state['words'])}. How often does a letter of a word, counted with "
        "repetition, occur as the first letter of the next word? Add this up over all neighbouring words."
    )


def reference(state):
    words = state["words"]
    return str(sum(word.count(after[0]) for word, after in zip(words, words[1:])))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
